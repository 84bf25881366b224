#pragma once

namespace twistdpp {

/// The whole program: reads the command line, runs the services, returns the exit status (or ends by the
/// signal that stopped it). The only caller is main().
int daemonMain(int argc, char** argv);

} // namespace twistdpp
