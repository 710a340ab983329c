# SPDX-License-Identifier: Apache-2.0
# Run with cmake -P: does what `berth new` says, against the tree that BERTH lies in, and runs every test of the project
# that comes of it, the conformance test among them. Needs BERTH, WORK_DIR, CXX.
cmake_minimum_required(VERSION 3.25)

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output
                  WORKING_DIRECTORY ${WORK_DIR})
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${ARGN}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${WORK_DIR})
file(MAKE_DIRECTORY ${WORK_DIR})
run(${BERTH} new word_count)
if(NOT output MATCHES "-DCMAKE_PREFIX_PATH=([^ ]+)")
  message(FATAL_ERROR "it does not say where CMake finds Berth:\n${output}")
endif()
run(${CMAKE_COMMAND} -S word_count -B build -DCMAKE_PREFIX_PATH=${CMAKE_MATCH_1} -DCMAKE_CXX_COMPILER=${CXX}
    -DCMAKE_CXX_FLAGS=-O0)
run(${CMAKE_COMMAND} --build build)
run(${CMAKE_CTEST_COMMAND} --test-dir build --output-on-failure)
if(NOT output MATCHES "word_count.conformance")
  message(FATAL_ERROR "the conformance test did not run:\n${output}")
endif()
run(${BERTH} test build/plugins/word_count.so)
