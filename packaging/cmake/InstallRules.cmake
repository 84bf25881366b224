# `cmake --install`: the daemon with its units and examples (component runtime), and the engine as a library (component
# dev): libtwistdpp.a of all layers below core/, their headers, and files for find_package() and pkg-config.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# ---- runtime

if(TARGET twistdpp)
    install(TARGETS twistdpp RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT runtime)
    configure_file(${CMAKE_SOURCE_DIR}/packaging/systemd/twistdpp@.service.in
                   ${CMAKE_BINARY_DIR}/packaging/twistdpp@.service @ONLY)
    install(FILES ${CMAKE_BINARY_DIR}/packaging/twistdpp@.service DESTINATION lib/systemd/system COMPONENT runtime)
    install(FILES ${CMAKE_SOURCE_DIR}/packaging/systemd/twistdpp@web.socket
            DESTINATION ${CMAKE_INSTALL_DOCDIR}/systemd COMPONENT runtime)
    file(GLOB config_files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/config/*)
    install(FILES ${config_files} DESTINATION ${CMAKE_INSTALL_DOCDIR}/config COMPONENT runtime)
endif()

# ---- dev: what the layers need, in the words of CMake and of pkg-config

set(engine_find_OpenSSL::SSL "find_dependency(OpenSSL 3.0)")
set(engine_pc_OpenSSL::SSL openssl)
set(engine_find_OpenSSL::Crypto "find_dependency(OpenSSL 3.0)")
set(engine_pc_OpenSSL::Crypto openssl)
# Of these the engine's objects hold what they use.
set(engine_find_spdlog::spdlog_header_only "find_dependency(spdlog)")
set(engine_find_fmt::fmt-header-only "find_dependency(fmt)")
set(engine_find_PkgConfig::libuv
    "find_dependency(PkgConfig)\npkg_check_modules(libuv REQUIRED IMPORTED_TARGET libuv>=1.44)")
set(engine_pc_PkgConfig::libuv libuv)
set(engine_find_Threads::Threads "find_dependency(Threads)")
set(engine_flag_Threads::Threads -pthread)
set(engine_flag_crypt -lcrypt)
set(engine_flag_util -lutil)
set(engine_flag_dl -ldl)

get_property(all_layers GLOBAL PROPERTY TWISTDPP_LAYERS)
set(engine_layers "")
set(engine_folders "")
foreach(layer IN LISTS all_layers)
    get_property(folder GLOBAL PROPERTY TWISTDPP_DIR_${layer})
    if(folder MATCHES "/core/" AND NOT folder MATCHES "/services/")
        list(APPEND engine_layers ${layer})
        list(APPEND engine_folders ${folder})
    endif()
endforeach()

add_library(twistdpp_engine STATIC)
set_target_properties(twistdpp_engine PROPERTIES OUTPUT_NAME twistdpp LINKER_LANGUAGE CXX)
set(ENGINE_LIBRARIES "")
set(engine_finds "")
set(ENGINE_REQUIRES "")
set(ENGINE_FLAGS "")
foreach(layer folder IN ZIP_LISTS engine_layers engine_folders)
    get_target_property(kind layer_${layer} TYPE)
    if(kind STREQUAL OBJECT_LIBRARY)
        target_sources(twistdpp_engine PRIVATE $<TARGET_OBJECTS:layer_${layer}>)
    endif()
    get_property(libraries GLOBAL PROPERTY TWISTDPP_LIBRARIES_${layer})
    foreach(library IN LISTS libraries)
        if(NOT DEFINED engine_find_${library} AND NOT DEFINED engine_flag_${library})
            message(FATAL_ERROR "core layer ${layer} links ${library}: packaging/cmake/InstallRules.cmake must say how "
                                "a user of the installed engine finds it")
        endif()
        list(APPEND ENGINE_LIBRARIES ${library})
        list(APPEND engine_finds ${engine_find_${library}})
        list(APPEND ENGINE_REQUIRES ${engine_pc_${library}})
        list(APPEND ENGINE_FLAGS ${engine_flag_${library}})
    endforeach()

    # A folder inside may be a layer of its own; its headers are installed under its own name.
    file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${folder}/*.h)
    foreach(header IN LISTS headers)
        set(owner ${folder})
        foreach(other IN LISTS engine_folders)
            string(FIND ${header} "${other}/" at)
            string(LENGTH ${other} length)
            string(LENGTH ${owner} best)
            if(at EQUAL 0 AND length GREATER best)
                set(owner ${other})
            endif()
        endforeach()
        if(owner STREQUAL folder)
            file(RELATIVE_PATH inside ${folder} ${header})
            get_filename_component(inside "${inside}" DIRECTORY)
            install(FILES ${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/twistdpp/${layer}/${inside} COMPONENT dev)
        endif()
    endforeach()
endforeach()
list(REMOVE_DUPLICATES ENGINE_LIBRARIES)
list(REMOVE_DUPLICATES engine_finds)
list(REMOVE_DUPLICATES ENGINE_REQUIRES)
list(REMOVE_DUPLICATES ENGINE_FLAGS)
list(JOIN engine_finds "\n" ENGINE_FINDS)
list(JOIN ENGINE_REQUIRES " " ENGINE_REQUIRES)
list(JOIN ENGINE_FLAGS " " ENGINE_FLAGS)

install(TARGETS twistdpp_engine ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT dev)
set(cmake_folder ${CMAKE_INSTALL_LIBDIR}/cmake/twistdpp)
set(package_files ${CMAKE_SOURCE_DIR}/packaging/cmake/package)
set(made_files ${CMAKE_BINARY_DIR}/packaging)
configure_package_config_file(${package_files}/twistdppConfig.cmake.in ${made_files}/twistdppConfig.cmake
                              INSTALL_DESTINATION ${cmake_folder}
                              PATH_VARS CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_LIBDIR)
write_basic_package_version_file(${made_files}/twistdppConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${made_files}/twistdppConfig.cmake ${made_files}/twistdppConfigVersion.cmake
        DESTINATION ${cmake_folder} COMPONENT dev)
# Found from its own place, so that the tree may be installed anywhere and moved.
file(RELATIVE_PATH PC_TO_PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" PC_TO_PREFIX "${PC_TO_PREFIX}")
configure_file(${package_files}/twistdpp.pc.in ${made_files}/twistdpp.pc @ONLY)
install(FILES ${made_files}/twistdpp.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT dev)

# ---- `cpack` in the build folder: twistdpp_*.deb (the daemon) and libtwistdpp-dev_*.deb (the engine)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME twistdpp)
set(CPACK_PACKAGE_VENDOR twistdpp)
set(CPACK_PACKAGE_CONTACT "twistdpp maintainers <maintainers@twistdpp.invalid>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_COMPONENTS_ALL dev)
if(TARGET twistdpp)
    list(PREPEND CPACK_COMPONENTS_ALL runtime)
endif()
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME twistdpp)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION net)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_DEPENDS media-types)
set(CPACK_COMPONENT_RUNTIME_DESCRIPTION "Event-driven networking daemon: web and other services in one program")
set(CPACK_DEBIAN_DEV_PACKAGE_NAME libtwistdpp-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS "libuv1-dev, libssl-dev, libspdlog-dev, libfmt-dev, libcrypt-dev, pkg-config")
set(CPACK_COMPONENT_DEV_DESCRIPTION "Event-driven networking engine for C++20: static library and headers")
include(CPack)

# The man pages say what --help and the services' READMEs say; where there is no Python they are left out.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_Interpreter_FOUND)
    set(man_folder ${CMAKE_BINARY_DIR}/man)
    file(GLOB man_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/services/*/README.md)
    add_custom_command(
        OUTPUT ${man_folder}/twistdpp.8
        COMMAND Python3::Interpreter ${CMAKE_SOURCE_DIR}/packaging/man/make-man --daemon $<TARGET_FILE:twistdpp> ${man_folder}
        DEPENDS twistdpp ${man_sources} ${CMAKE_SOURCE_DIR}/README.md ${CMAKE_SOURCE_DIR}/packaging/man/make-man
        VERBATIM)
    add_custom_target(man ALL DEPENDS ${man_folder}/twistdpp.8)
    install(DIRECTORY ${man_folder}/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man8 COMPONENT runtime OPTIONAL)
endif()
