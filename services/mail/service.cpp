#include "twistdpp/service_mail/mail_service.h"

TWISTDPP_SERVICE_ON_ONE_REACTOR(
    mail, "Take mail by SMTP, give it by POP3", twistdpp::mail::MailConfig,
    [](const auto& config, auto& context) { return twistdpp::mail::MailService::make(config, context); }
);
