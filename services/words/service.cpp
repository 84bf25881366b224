#include "twistdpp/service_words/words_service.h"

TWISTDPP_SERVICE_ON_ONE_REACTOR(
    words, "Chat over IRC", twistdpp::words::WordsConfig,
    [](const auto& config, auto& context) { return twistdpp::words::WordsService::make(config, context); }
);
