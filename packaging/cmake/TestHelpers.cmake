# twistdpp_gtest(NAME SOURCES ... LAYERS ... LABELS ...): one GoogleTest binary, its cases known to ctest one by one.
# The target tests_LABEL builds all binaries of a label, for a build that wants no others (tsan: tests_threads).
add_custom_target(tests_threads)

function(twistdpp_gtest name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LAYERS;LABELS")
    add_executable(${name} ${arg_SOURCES})
    twistdpp_link(${name} ${arg_LAYERS} defer)
    target_link_libraries(${name} PRIVATE test_main GTest::gtest GTest::gmock)
    target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
    foreach(label IN LISTS arg_LABELS)
        if(NOT TARGET tests_${label})
            add_custom_target(tests_${label})
        endif()
        add_dependencies(tests_${label} ${name})
    endforeach()
    gtest_discover_tests(${name} TEST_PREFIX ${name}. PROPERTIES TIMEOUT 120 DISCOVERY_TIMEOUT 60)
    # A list does not survive the way through gtest_discover_tests; ctest reads this file after the one that it makes.
    set(labels_file ${CMAKE_CURRENT_BINARY_DIR}/${name}_labels.cmake)
    file(WRITE ${labels_file}
         "if(${name}_TESTS)\n    set_tests_properties(\${${name}_TESTS} PROPERTIES LABELS \"${arg_LABELS}\")\nendif()\n")
    set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${labels_file})
endfunction()
