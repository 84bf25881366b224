#include "twistdpp/base/ascii.h"
#include "twistdpp/dns_wire/octets.h"
#include "twistdpp/dns_wire/rdata_encoding.h"
#include "twistdpp/dns_wire/rdata_field.h"
#include "twistdpp/dns_wire/svc_keys.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace twistdpp::dns {

namespace {

/// A parameter that is being read: the key, the words for errors, the value in wire form.
struct Param {
    std::uint16_t key;
    Bytes word;
    std::string value;
};

/// The items of a comma-separated list, with \, and \\ resolved (RFC 9460 appendix A.1). False when `each`
/// refuses one.
template <class Each>
bool eachItem(Bytes list, Each each) {
    std::string item;
    for (std::size_t i = 0; i <= list.size(); ++i) {
        if (i == list.size() || list[i] == ',') {
            if (!each(Bytes(item)))
                return false;
            item.clear();
        } else {
            if (list[i] == '\\' && i + 1 < list.size())
                ++i;
            item += list[i];
        }
    }
    return true;
}

bool keysFromText(Bytes text, std::string& to) {
    std::vector<std::uint16_t> keys;
    const bool good = eachItem(text, [&](Bytes item) {
        const auto key = svcKeyFromText(item);
        if (key)
            keys.push_back(key->number);
        return key.has_value();
    });
    std::sort(keys.begin(), keys.end());
    for (const std::uint16_t key : keys)
        append16(to, key);
    return good;
}

/// The wire form of a value whose escapes of the first level are resolved.
bool valueFromText(SvcValue kind, Bytes text, std::string& to) {
    switch (kind) {
    case SvcValue::keys:
        return keysFromText(text, to);
    case SvcValue::strings:
        return eachItem(text, [&](Bytes item) {
            if (item.empty() || item.size() > 255)
                return false;
            append8(to, static_cast<std::uint8_t>(item.size()));
            to.append(item);
            return true;
        });
    case SvcValue::none:
        return text.empty();
    case SvcValue::port: {
        const auto port = decimal(text, 0xffff);
        append16(to, static_cast<std::uint16_t>(port.value_or(0)));
        return port.has_value();
    }
    case SvcValue::ipv4:
        return eachItem(text, [&](Bytes item) { return appendIpv4(item, to); });
    case SvcValue::ipv6:
        return eachItem(text, [&](Bytes item) { return appendIpv6(item, to); });
    case SvcValue::groups:
        return eachItem(text, [&](Bytes item) {
            const auto group = decimal(item, 0xffff);
            append16(to, static_cast<std::uint16_t>(group.value_or(0)));
            return group.has_value();
        });
    case SvcValue::base64: {
        Base64Decoder decoder;
        return decoder.add(text, to) && decoder.complete();
    }
    case SvcValue::text:
    case SvcValue::opaque:
        to.append(text);
        return true;
    }
    return false;
}

bool parseParam(RdataWords& words, const char* what, Param& param) {
    const Token* word = words.next(what);
    param.word = word->text;
    Bytes raw = word->text;
    const Bytes keyText = ascii::cut(raw, '=');
    const auto key = svcKeyFromText(keyText);
    if (!key)
        return words.fail(what, word->text, "begins with no known key, nor one as key65333");
    if (raw.size() >= 2 && raw.front() == '"' && raw.back() == '"')
        raw = raw.substr(1, raw.size() - 2);
    std::string text;
    if (const char* why = appendUnescaped(raw, text))
        return words.fail(what, word->text, why);
    param.key = key->number;
    if (!valueFromText(key->value, text, param.value) || param.value.size() > 0xffff ||
        !validSvcValue({param.key, param.value}))
        return words.fail(what, word->text, "has a value that does not fit its key");
    return true;
}

/// What RFC 9460 sections 7.1.1 and 8 ask of the parameters together.
bool consistent(Bytes params) noexcept {
    const auto has = [&](std::uint16_t key) {
        Bytes rest = params;
        while (const auto param = nextSvcParam(rest)) {
            if (param->key == key)
                return true;
        }
        return false;
    };
    Bytes rest = params;
    while (const auto param = nextSvcParam(rest)) {
        if (param->key == svc::kNoDefaultAlpn && !has(svc::kAlpn))
            return false;
        for (std::size_t at = 0; param->key == svc::kMandatory && at < param->value.size(); at += 2) {
            if (!has(get16(&param->value[at])))
                return false;
        }
        if (param->key > svc::kNoDefaultAlpn)
            break;
    }
    return true;
}

void appendItem(Bytes item, std::string& to) {
    for (const char c : item) {
        if (c == ',' || c == '\\')
            appendEscaped('\\', to);
        appendEscaped(c, to);
    }
}

/// Parts of equal size with commas between.
template <class Each>
void appendList(Bytes value, std::size_t size, std::string& to, Each each) {
    for (std::size_t at = 0; at < value.size(); at += size) {
        if (at > 0)
            to += ',';
        each(value.substr(at, size), to);
    }
}

void appendValue(SvcParam param, std::string& to) {
    switch (svcKeyFromNumber(param.key).value) {
    case SvcValue::keys:
        return appendList(param.value, 2, to, [](Bytes key, std::string& out) {
            appendSvcKeyText(get16(key.data()), out);
        });
    case SvcValue::strings:
        to += '"';
        for (Bytes rest = param.value; !rest.empty(); rest.remove_prefix(1U + get8(rest.data()))) {
            if (rest.size() < param.value.size())
                to += ',';
            appendItem(rest.substr(1, get8(rest.data())), to);
        }
        to += '"';
        return;
    case SvcValue::none:
        return;
    case SvcValue::port:
    case SvcValue::groups:
        return appendList(param.value, 2, to, [](Bytes number, std::string& out) {
            appendNumber(get16(number.data()), out);
        });
    case SvcValue::ipv4:
        return appendList(param.value, 4, to, appendIpv4Text);
    case SvcValue::ipv6:
        return appendList(param.value, 16, to, appendIpv6Text);
    case SvcValue::base64:
        return appendBase64(param.value, to);
    case SvcValue::text:
    case SvcValue::opaque:
        return appendQuoted(param.value, to);
    }
}

} // namespace

std::size_t svcParamsSize(Bytes rest) noexcept {
    const Bytes all = rest;
    int last = -1;
    while (!rest.empty()) {
        const auto param = nextSvcParam(rest);
        if (!param || param->key <= last || !validSvcValue(*param))
            return kBadField;
        last = param->key;
    }
    return consistent(all) ? all.size() : kBadField;
}

bool parseSvcParams(RdataWords& words, const char* what) {
    std::vector<Param> params;
    while (words.left() > 0) {
        params.emplace_back();
        if (!parseParam(words, what, params.back()))
            return false;
    }
    std::stable_sort(params.begin(), params.end(), [](const Param& a, const Param& b) {
        return a.key < b.key;
    });
    const auto twice = std::adjacent_find(params.begin(), params.end(), [](const Param& a, const Param& b) {
        return a.key == b.key;
    });
    if (twice != params.end())
        return words.fail(what, std::next(twice)->word, "has a key that stands there twice");
    std::string& to = words.to();
    const std::size_t begin = to.size();
    for (const Param& param : params) {
        append16(to, param.key);
        append16(to, static_cast<std::uint16_t>(param.value.size()));
        to.append(param.value);
    }
    return consistent(Bytes(to).substr(begin)) ||
           words.fail("lacks a parameter that is mandatory, or alpn beside no-default-alpn");
}

bool formatSvcParams(Bytes field, std::string& to) {
    for (bool first = true; !field.empty(); first = false) {
        const auto param = nextSvcParam(field);
        if (!first)
            to += ' ';
        appendSvcKeyText(param->key, to);
        if (param->value.empty())
            continue;
        to += '=';
        appendValue(*param, to);
    }
    return true;
}

} // namespace twistdpp::dns
