# SPDX-License-Identifier: Apache-2.0
# Run with cmake -P: installs the SDK, moves it elsewhere, and builds and tests a copy of the template against it, as
# `berth new` makes it. Needs BUILD_DIR, TEMPLATE_DIR, WORK_DIR, CXX, LOADER. BERTH, where it is given, is the program
# that checks the plugin; it is no part of the SDK.
cmake_minimum_required(VERSION 3.25)

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${ARGN}\n${output}")
  endif()
endfunction()

file(REMOVE_RECURSE ${WORK_DIR})
run(${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${WORK_DIR}/first --component sdk)
file(RENAME ${WORK_DIR}/first ${WORK_DIR}/moved)  # whoever remembers the first place fails

set(NAME word_count)
set(CLASS WordCount)
file(GLOB files RELATIVE ${TEMPLATE_DIR} ${TEMPLATE_DIR}/*)
foreach(file ${files})
  configure_file(${TEMPLATE_DIR}/${file} ${WORK_DIR}/project/${file} @ONLY)
endforeach()

run(${CMAKE_COMMAND} -S ${WORK_DIR}/project -B ${WORK_DIR}/build -DCMAKE_PREFIX_PATH=${WORK_DIR}/moved
    -DBERTH_PROGRAM=${BERTH}
    -DCMAKE_CXX_COMPILER=${CXX} "-DCMAKE_CXX_FLAGS=-O0 -Wall -Wextra -Wpedantic -Werror")
run(${CMAKE_COMMAND} --build ${WORK_DIR}/build)
run(${CMAKE_CTEST_COMMAND} --test-dir ${WORK_DIR}/build --output-on-failure --no-tests=error)
if(BERTH)
  run(${CMAKE_CTEST_COMMAND} --test-dir ${WORK_DIR}/build --no-tests=error -R word_count.conformance)
endif()
run(${LOADER} ${WORK_DIR}/build/plugins/word_count.so word_count)
