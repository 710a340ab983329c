// SPDX-License-Identifier: Apache-2.0
#include "dialects/api_page.h"

#include <array>
#include <cstdint>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>

#include "base/json.h"
#include "dialects/http_types.h"

namespace berth::dialects {
namespace {

constexpr std::uintmax_t kMaxFileBytes = 8U * 1024 * 1024;
// Everything comes from here: a model's description shown on the page cannot bring code from elsewhere.
constexpr std::string_view kPolicy =
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; base-uri 'none'; frame-ancestors "
    "'none'";

struct PageFile {
  std::string content_type;
  std::string tag;  // ETag
  Bytes bytes;
};
using PageFiles = std::map<std::string, PageFile, std::less<>>;

// "" for what the page does not need.
std::string_view content_type_of(const std::filesystem::path& file) {
  struct Type {
    std::string_view extension;
    std::string_view content_type;
  };
  constexpr std::array<Type, 5> kTypes{{{".js", "text/javascript; charset=utf-8"},
                                        {".css", "text/css; charset=utf-8"},
                                        {".png", "image/png"},
                                        {".svg", "image/svg+xml"},
                                        {".ico", "image/x-icon"}}};
  const auto extension = file.extension().string();
  for (const auto& type : kTypes) {
    if (type.extension == extension) return type.content_type;
  }
  return {};
}

std::string tag_of(std::string_view bytes) {
  std::uint64_t hash = 14695981039346656037U;  // FNV-1a
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  std::ostringstream text;
  text << '"' << std::hex << hash << '"';
  return text.str();
}

PageFile make_file(std::string_view content_type, std::string text) {
  const auto tag = tag_of(text);
  return {std::string(content_type), tag, Bytes(std::move(text))};
}

void read_folder(const std::filesystem::path& folder, PageFiles& files) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const auto name = entry.path().filename().string();
    const auto type = content_type_of(entry.path());
    // The same program in other forms, each as large as the one that is used.
    const bool is_variant = name.starts_with("swagger-ui-es-") || name == "swagger-ui.js";
    if (type.empty() || is_variant || !entry.is_regular_file(error) || entry.file_size(error) > kMaxFileBytes) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    files.emplace(name, make_file(type, std::move(text).str()));
  }
}

std::string page_text(const std::string& base_path, bool has_viewer) {
  const auto head =
      std::string("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n") +
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Berth API</title>\n";
  if (!has_viewer) {
    return head +
           "</head>\n<body>\n<h1>Berth API</h1>\n<p>The interactive viewer (swagger-ui-dist) is not installed. " +
           "The API document is at <a href=\"" + base_path +
           "/swagger.json\">swagger.json</a>.</p>\n</body>\n</html>\n";
  }
  const auto files = base_path + "/api/";
  return head + "<link rel=\"stylesheet\" href=\"" + files + "swagger-ui.css\">\n<link rel=\"icon\" href=\"" + files +
         "favicon-32x32.png\">\n</head>\n<body>\n<div id=\"swagger-ui\"></div>\n<script src=\"" + files +
         "swagger-ui-bundle.js\"></script>\n<script src=\"" + files + "berth-start.js\"></script>\n</body>\n</html>\n";
}

// No inline script: the page's policy forbids it. validatorUrl would send the document to another host.
std::string start_script(const std::string& base_path) {
  return "window.ui = SwaggerUIBundle({url: " + json::quote(base_path + "/swagger.json") +
         ", dom_id: '#swagger-ui', deepLinking: true, validatorUrl: null});\n";
}

Response file_response(const Request& request, const PageFile& file) {
  const auto known = request.header("if-none-match");
  const bool unchanged = known && known->find(file.tag) != known->npos;
  auto response = unchanged ? Response::empty(304) : Response::bytes(200, file.content_type, file.bytes);
  response.headers.emplace_back("ETag", file.tag);
  response.headers.emplace_back("Cache-Control", "public, max-age=3600");
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  return response;
}

Response page_response(const std::string& page) {
  auto response = Response::bytes(200, "text/html; charset=utf-8", Bytes(page));
  response.headers.emplace_back("Content-Security-Policy", kPolicy);
  response.headers.emplace_back("Cache-Control", "no-cache");
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  return response;
}

}  // namespace

void add_api_page(http::Router& router, const std::filesystem::path& swagger_ui_dir, const DeepaasOptions& options) {
  PageFiles files;
  read_folder(swagger_ui_dir, files);
  const bool has_viewer = files.contains("swagger-ui-bundle.js") && files.contains("swagger-ui.css");
  const auto& base_path = options.base_path;
  files.insert_or_assign("berth-start.js", make_file("text/javascript; charset=utf-8", start_script(base_path)));
  auto shared = std::make_shared<const PageFiles>(std::move(files));
  router.add({"GET", "/api", http::Access::open,
              [page = page_text(base_path, has_viewer)](Request&&, const PathParams&, Reply&& reply) {
                reply.send(page_response(page));
              }});
  router.add(
      {"GET", "/api/{file}", http::Access::open, [shared](Request&& request, const PathParams& params, Reply&& reply) {
         const auto file = shared->find(params["file"]);
         if (file == shared->end()) return reply.send(Response::text(404, "404: Not Found"));
         reply.send(file_response(request, file->second));
       }});
  router.add(
      {"GET", "/ui", http::Access::open, [target = base_path + "/api"](Request&&, const PathParams&, Reply&& reply) {
         auto response = Response::empty(302);
         response.headers.emplace_back("Location", target);
         reply.send(std::move(response));
       }});
}

}  // namespace berth::dialects
