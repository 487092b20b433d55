# The rules every target of the project is built by: C11, the warning set, poisoned functions, sanitizers.

option(LOTCAST_TESTS "Build the tests" ON)
option(LOTCAST_FUZZ "Build libFuzzer targets (clang only) instead of corpus replay" OFF)
set(LOTCAST_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize= (empty: none)")
option(LOTCAST_COVERAGE "Instrument for gcov" OFF)
option(LOTCAST_WERROR "Warnings are errors" OFF)

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

add_library(lotcast_options INTERFACE)
target_compile_definitions(lotcast_options INTERFACE _POSIX_C_SOURCE=200809L _DEFAULT_SOURCE
                                                     LOTCAST_VERSION="${PROJECT_VERSION}")
target_include_directories(lotcast_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(lotcast_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes
  -Wmissing-prototypes -Wswitch-enum -Wvla -Wundef -Wcast-qual -Wwrite-strings -Wformat=2
  -fno-common -fstack-protector-strong
  -include "${PROJECT_SOURCE_DIR}/lib/base/banned.h")
if(LOTCAST_WERROR)
  target_compile_options(lotcast_options INTERFACE -Werror)
endif()
if(LOTCAST_SANITIZE)
  target_compile_options(lotcast_options INTERFACE -fsanitize=${LOTCAST_SANITIZE} -fno-omit-frame-pointer
                                                   -fno-sanitize-recover=undefined)
  target_link_options(lotcast_options INTERFACE -fsanitize=${LOTCAST_SANITIZE})
endif()
if(LOTCAST_FUZZ)
  # Every module, not only the target: libFuzzer is blind in code that does not count its branches.
  target_compile_options(lotcast_options INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(lotcast_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(LOTCAST_COVERAGE)
  target_compile_options(lotcast_options INTERFACE --coverage)
  target_link_options(lotcast_options INTERFACE --coverage)
endif()

# lotcast_module(NAME SOURCES a.c b.c DEPENDS other_module ...): a static library of one folder.
function(lotcast_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC lotcast_options ${ARG_DEPENDS})
endfunction()

# lotcast_program(NAME SOURCES main.c DEPENDS ...): an executable in build/<preset>/bin.
function(lotcast_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE lotcast_options ${ARG_DEPENDS})
  install(TARGETS ${name} RUNTIME DESTINATION bin)
endfunction()
