# SPDX-License-Identifier: Apache-2.0
# Run with cmake -P: a plugin compiles in each standard without a warning, and where EACH_ALONE is true, every header
# by itself. Needs CXX, INCLUDE_DIR, WORK_DIR.
cmake_minimum_required(VERSION 3.25)
file(MAKE_DIRECTORY ${WORK_DIR})
function(compile standard source text)
  file(WRITE ${WORK_DIR}/${source} "${text}")
  execute_process(
    COMMAND ${CXX} -std=${standard} -fsyntax-only -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast
            -Wnon-virtual-dtor -Werror -I${INCLUDE_DIR} ${WORK_DIR}/${source}
    RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${CXX} -std=${standard}: ${text}\n${output}")
  endif()
endfunction()

file(GLOB_RECURSE headers RELATIVE ${INCLUDE_DIR} ${INCLUDE_DIR}/berth/*.h)
if(NOT EACH_ALONE)
  set(headers)
endif()
foreach(header ${headers})
  string(REPLACE "/" "_" source ${header}.cpp)
  compile(c++17 ${source} "#include \"${header}\"\n#include \"${header}\"\n")
endforeach()
set(plugin "#include <berth/berth.h>
class Model : public berth::BaseModel {
 public:
  berth::Metadata get_metadata() const override { return {}; }
  berth::Response predict_data(const berth::Args& args) override { return args.json(); }
};
BERTH_EXPORT_MODEL(Model)
")
foreach(standard c++17 c++20 c++2b)
  compile(${standard} plugin_${standard}.cpp "${plugin}")
endforeach()
