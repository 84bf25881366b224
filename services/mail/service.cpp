#include "twistdpp/service_mail/mail_service.h"
#include "twistdpp/service_mail/sink_service.h"

TWISTDPP_SERVICE_ON_ONE_REACTOR(
    mail, "Take mail by SMTP, give it by POP3 and IMAP; or catch it all", twistdpp::mail::MailConfig,
    [](const auto& config, auto& context) {
        return config.sink ? twistdpp::mail::SinkService::make(config, context)
                           : twistdpp::mail::MailService::make(config, context);
    }
);
