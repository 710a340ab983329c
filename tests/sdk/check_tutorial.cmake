# SPDX-License-Identifier: Apache-2.0
# Run with cmake -P: every block ```cpp of a document compiles by itself, as it stands. Needs CXX, DOCUMENT,
# INCLUDE_DIR, WORK_DIR, BLOCKS (how many there must be at least).
cmake_minimum_required(VERSION 3.25)
file(MAKE_DIRECTORY ${WORK_DIR})
file(READ ${DOCUMENT} rest)
set(count 0)
while(TRUE)
  string(FIND "${rest}" "```cpp\n" begin)
  if(begin EQUAL -1)
    break()
  endif()
  math(EXPR begin "${begin} + 7")
  string(SUBSTRING "${rest}" ${begin} -1 rest)
  string(FIND "${rest}" "\n```" end)
  string(SUBSTRING "${rest}" 0 ${end} block)
  math(EXPR count "${count} + 1")
  file(WRITE ${WORK_DIR}/block_${count}.cpp "${block}\n")
  execute_process(
    COMMAND ${CXX} -std=c++20 -fsyntax-only -Wall -Wextra -Wpedantic -Werror -I${INCLUDE_DIR}
            ${WORK_DIR}/block_${count}.cpp
    RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "block ${count} of ${DOCUMENT}:\n${block}\n${output}")
  endif()
endwhile()
if(count LESS BLOCKS)
  message(FATAL_ERROR "${DOCUMENT} has ${count} blocks, not ${BLOCKS}: were they renamed?")
endif()
