# The language level, warnings and sanitizers that every target of the tree shares.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

option(TWISTDPP_WERROR "Treat warnings as errors" OFF)
# Frame pointers stay in every build: the profiler walks them (daemon/profiler).
add_compile_options(-fno-omit-frame-pointer -ffunction-sections -fdata-sections)
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast
                    -Woverloaded-virtual)
if(TWISTDPP_WERROR)
    add_compile_options(-Werror)
endif()
add_link_options(-Wl,--gc-sections -Wl,--as-needed)

find_program(LLD_PROGRAM ld.lld)
if(LLD_PROGRAM)
    add_link_options(-fuse-ld=lld)
endif()

if(TWISTDPP_SANITIZE)
    add_compile_options(-fsanitize=${TWISTDPP_SANITIZE} -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${TWISTDPP_SANITIZE})
endif()
