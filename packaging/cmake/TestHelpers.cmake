# twistdpp_gtest(NAME SOURCES ... LAYERS ... LABELS ...): one GoogleTest binary, its cases known to ctest one by one.
function(twistdpp_gtest name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LAYERS;LABELS")
    add_executable(${name} ${arg_SOURCES})
    twistdpp_link(${name} ${arg_LAYERS} defer)
    target_link_libraries(${name} PRIVATE test_main GTest::gtest GTest::gmock)
    target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
    gtest_discover_tests(${name} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT 120 DISCOVERY_TIMEOUT 60)
endfunction()
