# filled below: installs the daemon; the engine as a library is added by core/
include(GNUInstallDirs)
