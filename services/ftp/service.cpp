#include "twistdpp/service_ftp/ftp_service.h"

TWISTDPP_SERVICE_ON_ONE_REACTOR(
    ftp, "Give out files by FTP, encrypted or not", twistdpp::ftp::FtpConfig,
    [](const auto& config, auto& context) { return twistdpp::ftp::FtpService::make(config, context); }
);
