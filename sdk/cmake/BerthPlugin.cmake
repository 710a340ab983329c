# SPDX-License-Identifier: Apache-2.0
# berth_add_plugin(name sources… [NAME plugin_name] [VERSION version] [PACKAGE folder] [OUTPUT_DIRECTORY folder]
#                  [NO_CONFORMANCE_TEST])
#
# Adds the target `name`: a plugin, <name>.so in ${PROJECT_BINARY_DIR}/plugins, that exports its entry and nothing else.
# Give it libraries with target_link_libraries(name PRIVATE …) as any target. C++20, unless the target says otherwise
# (set_target_properties(name PROPERTIES CXX_STANDARD 17)).
#   NAME     the plugin's, where it is not the target's
#   PACKAGE  the package folder (with model.yaml) that the conformance test makes the model from, where it needs one
#   VERSION  the plugin's; ${PROJECT_VERSION} unless given
# Where the program `berth` is at hand, a test `<name>.conformance` is registered, which runs `berth test` on it.

function(berth_add_plugin name)
  cmake_parse_arguments(ARG "NO_CONFORMANCE_TEST" "NAME;PACKAGE;VERSION;OUTPUT_DIRECTORY" "" ${ARGN})
  if(NOT ARG_NAME)
    set(ARG_NAME ${name})
  endif()
  if(NOT ARG_NAME MATCHES "^[a-z0-9][a-z0-9_-]*$")
    message(FATAL_ERROR "berth_add_plugin(${name}): a plugin's name is made of a-z 0-9 _ - and begins with none of _ -")
  endif()
  if(NOT ARG_VERSION)
    set(ARG_VERSION ${PROJECT_VERSION})
  endif()
  if(NOT ARG_VERSION)
    set(ARG_VERSION 0.0.0)
  endif()
  if(NOT ARG_OUTPUT_DIRECTORY)
    set(ARG_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/plugins)
  endif()

  set(map ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plugin.map)
  add_library(${name} MODULE ${ARG_UNPARSED_ARGUMENTS})
  set_target_properties(${name} PROPERTIES
    PREFIX "" OUTPUT_NAME ${ARG_NAME} SUFFIX .so LIBRARY_OUTPUT_DIRECTORY ${ARG_OUTPUT_DIRECTORY}
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF
    LINK_DEPENDS ${map})
  target_compile_definitions(${name} PRIVATE
    BERTH_PLUGIN_NAME="${ARG_NAME}" BERTH_PLUGIN_VERSION="${ARG_VERSION}")
  target_link_libraries(${name} PRIVATE Berth::sdk)
  target_link_options(${name} PRIVATE -Wl,--version-script=${map} -Wl,--exclude-libs,ALL)
  # A sanitizer's symbols are found in the program that loads the plugin.
  if(NOT BERTH_SANITIZE AND NOT "${CMAKE_CXX_FLAGS} ${CMAKE_MODULE_LINKER_FLAGS}" MATCHES "-fsanitize=")
    target_link_options(${name} PRIVATE -Wl,-z,defs)
  endif()

  if(NOT ARG_NO_CONFORMANCE_TEST)
    berth_add_conformance_test(${name} "${ARG_PACKAGE}")
  endif()
endfunction()

# The program is this tree's target or the installed one; without either there is no test.
function(berth_add_conformance_test name package)
  if(TARGET berth)
    set(program $<TARGET_FILE:berth>)
  elseif(BERTH_PROGRAM)
    set(program ${BERTH_PROGRAM})
  else()
    return()
  endif()
  set(arguments test $<TARGET_FILE:${name}>)
  if(package)
    get_filename_component(package ${package} ABSOLUTE BASE_DIR ${CMAKE_CURRENT_SOURCE_DIR})
    list(APPEND arguments --package ${package})
  endif()
  add_test(NAME ${name}.conformance COMMAND ${program} ${arguments})
  set_tests_properties(${name}.conformance PROPERTIES TIMEOUT 300 LABELS conformance)
endfunction()
