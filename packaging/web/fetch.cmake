# SPDX-License-Identifier: Apache-2.0
# Brings what web/package-lock.json names from npm into the build tree; every file is checked against the lock's hash.
#   cmake -D WORK=<folder for node_modules> -D SHARE=<build tree's share/berth> -D TESTS=<ON|OFF> -D REQUIRED=<ON|OFF>
#         -P fetch.cmake
# Fails the build only where it is REQUIRED: without npm the server works, and its page at /api says what is missing.
cmake_minimum_required(VERSION 3.25)
set(viewer ${SHARE}/swagger-ui)
set(viewer_files swagger-ui.css swagger-ui-bundle.js favicon-32x32.png LICENSE NOTICE)
set(stamp ${WORK}/fetched.txt)

file(SHA256 ${CMAKE_CURRENT_LIST_DIR}/package-lock.json wanted)
string(APPEND wanted " tests:${TESTS}")
if(EXISTS ${stamp} AND EXISTS ${viewer}/swagger-ui-bundle.js)
  file(READ ${stamp} fetched)
  if(fetched STREQUAL wanted)
    return()
  endif()
endif()

function(give_up reason)
  if(REQUIRED)
    message(FATAL_ERROR "Berth: no swagger-ui for /api: ${reason}")
  endif()
  message(NOTICE "Berth: the interactive page at /api stays without its viewer: ${reason}\n"
    "Berth: everything else works; build again once npm can fetch swagger-ui-dist.")
endfunction()

find_program(NPM npm)
if(NOT NPM)
  give_up("there is no npm here (packaging/install-dependencies.sh installs it)")
  return()
endif()

file(COPY ${CMAKE_CURRENT_LIST_DIR}/package.json ${CMAKE_CURRENT_LIST_DIR}/package-lock.json DESTINATION ${WORK})
# --ignore-scripts: a dependency of swagger-ui-dist reports installations to a third party from its install script.
set(options --ignore-scripts --no-audit --no-fund --no-update-notifier --fetch-retries=1 --fetch-timeout=60000)
if(NOT TESTS)
  list(APPEND options --omit=dev)
endif()
# Node trusts a list of its own; where the machine's administrator added a certificate, npm must know it too.
set(machine_trust /etc/ssl/certs/ca-certificates.crt)
if(NOT DEFINED ENV{NODE_EXTRA_CA_CERTS} AND EXISTS ${machine_trust})
  set(ENV{NODE_EXTRA_CA_CERTS} ${machine_trust})
endif()
execute_process(COMMAND ${NPM} ci ${options} WORKING_DIRECTORY ${WORK}
  RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(NOT status EQUAL 0)
  string(REGEX MATCH "npm (error|ERR!)[^\n]*\n[^\n]*\n[^\n]*" reason "${output}")
  give_up("npm ci failed:\n${reason}")
  return()
endif()

file(REMOVE_RECURSE ${viewer})
foreach(name IN LISTS viewer_files)
  file(COPY ${WORK}/node_modules/swagger-ui-dist/${name} DESTINATION ${viewer})
endforeach()
file(WRITE ${stamp} "${wanted}")
