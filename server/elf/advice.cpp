// SPDX-License-Identifier: Apache-2.0
#include "elf/advice.h"

#include <cxxabi.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <memory>
#include <utility>

namespace berth::elf {
namespace {

struct Row {
  std::string_view begins_with;
  std::string_view library;
  std::string_view advice;
};

constexpr std::string_view kOpenCv =
    "find_package(OpenCV REQUIRED), then target_link_libraries(<plugin> PRIVATE "
    "${OpenCV_LIBS})";
constexpr std::string_view kTorch =
    "find_package(Torch REQUIRED), then target_link_libraries(<plugin> PRIVATE "
    "${TORCH_LIBRARIES})";
constexpr std::string_view kBoost = "find_package(Boost REQUIRED COMPONENTS …), then link Boost::…";
constexpr std::string_view kThreads = "find_package(Threads REQUIRED), then link Threads::Threads";
constexpr std::string_view kLoader = "link ${CMAKE_DL_LIBS}";
constexpr std::string_view kSanitizer = "build the plugin without -fsanitize, or the server with the same";

// By the outermost namespace of a C++ name, in which classes count as namespaces; the longer ones first.
constexpr std::array kNamespaces{
    Row{"cv", "libopencv", kOpenCv},
    Row{"at", "libtorch_cpu", kTorch},
    Row{"torch", "libtorch_cpu", kTorch},
    Row{"caffe2", "libtorch_cpu", kTorch},
    Row{"c10", "libc10", kTorch},
    Row{"boost", "libboost", kBoost},
    Row{"berth", "",
        "no library has that: a method that the plugin declares is defined nowhere; write its body, or add its source "
        "file to berth_add_plugin"},
    Row{"std", "libstdc++", "link with g++ or clang++, not with gcc or clang"},
    Row{"google::protobuf", "libprotobuf", "link protobuf::libprotobuf"},
    Row{"absl", "libabsl", "link the absl:: library of that name"},
    Row{"grpc", "libgrpc++", "link gRPC::grpc++"},
    Row{"fmt", "libfmt", "link fmt::fmt"},
    Row{"spdlog", "libspdlog", "link spdlog::spdlog"},
    Row{"YAML", "libyaml-cpp", "link yaml-cpp::yaml-cpp"},
    Row{"Json", "libjsoncpp", "link jsoncpp_lib"},
    Row{"tbb", "libtbb", "link TBB::tbb"},
    Row{"dnnl", "libdnnl", "link DNNL::dnnl"},
    Row{"tflite", "libtensorflowlite", "link libtensorflowlite"},
    Row{"tensorflow", "libtensorflow", "link libtensorflow_cc"},
    Row{"nvinfer1", "libnvinfer", "link libnvinfer"},
};

// By the beginning of a name that is no C++; the longer ones first.
constexpr std::array kPrefixes{
    Row{"pthread_", "libpthread", kThreads},
    Row{"sem_", "libpthread", kThreads},
    Row{"dlopen", "libdl", kLoader},
    Row{"dlsym", "libdl", kLoader},
    Row{"dlclose", "libdl", kLoader},
    Row{"dlerror", "libdl", kLoader},
    Row{"__asan_", "libasan", kSanitizer},
    Row{"__ubsan_", "libubsan", kSanitizer},
    Row{"__tsan_", "libtsan", kSanitizer},
    Row{"__gcov_", "libgcov", "link with --coverage too, or build without it"},
    Row{"GOMP_", "libgomp", "link OpenMP::OpenMP_CXX, not with -fopenmp while compiling alone"},
    Row{"omp_", "libgomp", "link OpenMP::OpenMP_CXX"},
    Row{"__kmpc_", "libomp", "link OpenMP::OpenMP_CXX"},
    Row{"cblas_", "libopenblas", "link BLAS::BLAS"},
    Row{"cudnn", "libcudnn", "link libcudnn"},
    Row{"cublas", "libcublas", "link CUDA::cublas"},
    Row{"cuda", "libcudart", "link CUDA::cudart"},
    Row{"__cuda", "libcudart", "link CUDA::cudart"},
    Row{"Ort", "libonnxruntime", "link onnxruntime"},
    Row{"TfLite", "libtensorflowlite", "link libtensorflowlite"},
    Row{"curl_", "libcurl", "link CURL::libcurl"},
    Row{"png_", "libpng", "link PNG::PNG"},
    Row{"jpeg_", "libjpeg", "link JPEG::JPEG"},
    Row{"TIFF", "libtiff", "link TIFF::TIFF"},
    Row{"sqlite3_", "libsqlite3", "link SQLite::SQLite3"},
    Row{"H5", "libhdf5", "link ${HDF5_LIBRARIES}"},
    Row{"av_", "libavutil", "link libavutil"},
    Row{"avcodec_", "libavcodec", "link libavcodec"},
    Row{"avformat_", "libavformat", "link libavformat"},
    Row{"Py", "libpython3", "link Python3::Python"},
    Row{"_Py", "libpython3", "link Python3::Python"},
    Row{"inflate", "libz", "link ZLIB::ZLIB"},
    Row{"deflate", "libz", "link ZLIB::ZLIB"},
    Row{"crc32", "libz", "link ZLIB::ZLIB"},
    Row{"SSL_", "libssl", "link OpenSSL::SSL"},
    Row{"EVP_", "libcrypto", "link OpenSSL::Crypto"},
    Row{"berth_", "", "no library has that: the SDK is headers only; build the plugin with this server's SDK"},
};

constexpr std::array<std::string_view, 30> kMath{"sin",   "cos",   "tan",  "asin", "acos",   "atan",  "atan2", "sinh",
                                                 "cosh",  "tanh",  "exp",  "exp2", "expm1",  "log",   "log2",  "log10",
                                                 "log1p", "pow",   "sqrt", "cbrt", "hypot",  "fmod",  "floor", "ceil",
                                                 "round", "trunc", "fabs", "erf",  "lgamma", "tgamma"};

constexpr std::string_view kUnknown =
    "it is declared, but defined nowhere: add the source file that has it to berth_add_plugin, or link the library "
    "that "
    "has it with target_link_libraries";

// "cv" of _ZN2cv6imreadE…, "std" of _ZNSt6vector…, "google::protobuf" of the like; "" where it has none.
std::string outermost_namespace(std::string_view symbol) {
  if (!symbol.starts_with("_Z")) return {};
  symbol.remove_prefix(2);
  constexpr std::array<std::string_view, 7> kOfTypes{"TV", "TI", "TS", "TT", "GV", "TH", "TW"};  // tables, guards, …
  if (std::ranges::any_of(kOfTypes, [&](auto prefix) { return symbol.starts_with(prefix); })) symbol.remove_prefix(2);
  if (symbol.starts_with("N")) symbol.remove_prefix(1);
  symbol.remove_prefix(std::min(symbol.find_first_not_of("KVrRO"), symbol.size()));
  if (symbol.starts_with("S")) return symbol.size() > 1 && symbol[1] != '_' ? "std" : "";
  std::string name;
  for (int part = 0; part < 2; ++part) {
    std::size_t size = 0, digits = 0;
    for (; digits < std::min<std::size_t>(symbol.size(), 3) && symbol[digits] >= '0' && symbol[digits] <= '9';
         ++digits) {
      size = size * 10 + static_cast<std::size_t>(symbol[digits] - '0');
    }
    if (size == 0 || size > symbol.size() - digits) break;
    name.append(name.empty() ? "" : "::").append(symbol.substr(digits, size));
    symbol.remove_prefix(digits + size);
  }
  return name;
}

std::string_view opencv_library(std::string_view symbol) {
  constexpr std::array kFunctions{Row{"_ZN2cv6imread", "libopencv_imgcodecs", {}},
                                  Row{"_ZN2cv7imwrite", "libopencv_imgcodecs", {}},
                                  Row{"_ZN2cv8imdecode", "libopencv_imgcodecs", {}},
                                  Row{"_ZN2cv8imencode", "libopencv_imgcodecs", {}},
                                  Row{"_ZN2cv6resize", "libopencv_imgproc", {}},
                                  Row{"_ZN2cv8cvtColor", "libopencv_imgproc", {}},
                                  Row{"_ZN2cv3dnn", "libopencv_dnn", {}},
                                  Row{"_ZN2cv12VideoCapture", "libopencv_videoio", {}}};
  const auto* const found =
      std::ranges::find_if(kFunctions, [&](const auto& row) { return symbol.starts_with(row.begins_with); });
  return found == kFunctions.end() ? "libopencv_core" : found->library;
}

// "libboost_filesystem" of boost::filesystem.
std::string boost_library(std::string_view scope) {
  const auto at = scope.find("::");
  return at == std::string_view::npos ? "libboost" : std::string("libboost_").append(scope.substr(at + 2));
}

}  // namespace

SymbolAdvice advice_for_symbol(std::string_view symbol) {
  const auto scope = outermost_namespace(symbol);
  for (const auto& row : kNamespaces) {
    const bool is_of_it = scope == row.begins_with ||
                          (scope.starts_with(row.begins_with) && scope.substr(row.begins_with.size(), 2) == "::");
    if (!is_of_it) continue;
    if (row.begins_with == "cv") return {std::string(opencv_library(symbol)), row.advice};
    if (row.begins_with == "boost") return {boost_library(scope), row.advice};
    return {std::string(row.library), row.advice};
  }
  if (symbol.starts_with("_Z")) {
    if (symbol.starts_with("_ZTV") || symbol.starts_with("_ZTI")) {
      return {"",
              "a class whose first virtual method has no body: write it, or add its source file to berth_add_plugin"};
    }
    return {"", kUnknown};
  }
  const auto* const found =
      std::ranges::find_if(kPrefixes, [&](const auto& row) { return symbol.starts_with(row.begins_with); });
  if (found != kPrefixes.end()) return {std::string(found->library), found->advice};
  const auto base = symbol.ends_with('f') || symbol.ends_with('l') ? symbol.substr(0, symbol.size() - 1) : symbol;
  if (std::ranges::find(kMath, symbol) != kMath.end() || std::ranges::find(kMath, base) != kMath.end()) {
    return {"libm", "link m"};
  }
  return {"", kUnknown};
}

bool belongs_to_plugin(std::string_view symbol) {
  const auto scope = outermost_namespace(symbol);
  return scope == "berth" || scope.starts_with("berth::");
}

std::string_view advice_for_library(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kRows{
      {{"libtorch", "name LibTorch's lib folder in LD_LIBRARY_PATH of the server, or install LibTorch"},
       {"libc10", "name LibTorch's lib folder in LD_LIBRARY_PATH of the server, or install LibTorch"},
       {"libopencv_", "install OpenCV (Debian: libopencv-dev), or name its folder in LD_LIBRARY_PATH of the server"},
       {"libcuda.", "install the driver of the NVIDIA card"},
       {"libcud", "install CUDA's run-time libraries, or name their folder in LD_LIBRARY_PATH of the server"},
       {"libcublas", "install CUDA's run-time libraries, or name their folder in LD_LIBRARY_PATH of the server"},
       {"libnv", "install CUDA's run-time libraries, or name their folder in LD_LIBRARY_PATH of the server"},
       {"libc++", "install clang's C++ library (Debian: libc++1), or build the plugin with libstdc++"},
       {"libgomp", "install OpenMP's library (Debian: libgomp1)"}}};
  const auto* const found = std::ranges::find_if(kRows, [&](const auto& row) { return name.starts_with(row.first); });
  if (found != kRows.end()) return found->second;
  return "install it, put it beside the plugin and link that with -Wl,-rpath,'$ORIGIN', or name its folder in "
         "LD_LIBRARY_PATH of the server";
}

std::string readable(const std::string& symbol) {
  constexpr std::size_t kMaxMangled = 512;
  constexpr std::ptrdiff_t kMaxReferences = 24;
  constexpr std::size_t kMaxShown = 160;
  std::string text = symbol;
  // A name that refers to parts of itself, which refer to parts of theirs, grows beyond all memory when it is spelled
  // out: each reference is a _ after S… or T….
  const auto references = std::count(symbol.begin(), symbol.end(), '_');
  if (symbol.starts_with("_Z") && symbol.size() <= kMaxMangled && references <= kMaxReferences) {
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> name(
        abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status), &std::free);
    if (name) text = name.get();
  }
  text = printable(std::move(text));
  return text.size() > kMaxShown ? text.substr(0, kMaxShown).append("…") : text;
}

std::string printable(std::string text) {
  const auto is_plain = [](char character) { return character >= 0x20 && character < 0x7f; };
  std::ranges::replace_if(text, std::not_fn(is_plain), '?');
  return text;
}

}  // namespace berth::elf
