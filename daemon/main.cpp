#include "twistdpp/daemon/command.h"

int main(int argc, char** argv) {
    return twistdpp::daemonMain(argc, argv);
}
