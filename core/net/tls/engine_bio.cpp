#include "twistdpp/tls/engine_bio.h"

#include "twistdpp/tls/tls_engine.h"

#include <algorithm>
#include <openssl/bio.h>

namespace twistdpp::detail {

struct EngineBio {
    static TlsEngine& engine(bio_st* bio) noexcept { return *static_cast<TlsEngine*>(BIO_get_data(bio)); }

    static int read(bio_st* bio, char* to, std::size_t room, std::size_t* got) {
        BIO_clear_retry_flags(bio);
        Bytes& incoming = engine(bio).incoming_;
        *got = incoming.copy(to, room);
        incoming.remove_prefix(*got);
        if (*got > 0)
            return 1;
        BIO_set_retry_read(bio);
        return -1;
    }
    static int write(bio_st* bio, const char* from, std::size_t count, std::size_t* taken) {
        BIO_clear_retry_flags(bio);
        engine(bio).sink_.sendRecord(Bytes(from, count));
        *taken = count;
        return 1;
    }
    static long control(bio_st*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }
    static BIO_METHOD* make() noexcept {
        BIO_METHOD* const method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "twistdpp");
        if (method) {
            BIO_meth_set_read_ex(method, &read);
            BIO_meth_set_write_ex(method, &write);
            BIO_meth_set_ctrl(method, &control);
        }
        return method;
    }
};

bio_st* makeEngineBio(TlsEngine& engine) noexcept {
    static BIO_METHOD* const method = EngineBio::make(); // for as long as the process lives
    bio_st* const bio = method ? BIO_new(method) : nullptr;
    if (bio) {
        BIO_set_data(bio, &engine);
        BIO_set_init(bio, 1);
    }
    return bio;
}

} // namespace twistdpp::detail
