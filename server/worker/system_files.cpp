// SPDX-License-Identifier: Apache-2.0
#include "worker/system_files.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string_view>
#include <system_error>

namespace berth::worker {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> entries(const fs::path& folder, std::string_view prefix) {
  std::vector<std::string> found;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().filename().string().starts_with(prefix)) found.push_back(entry->path().string());
  }
  return found;
}

bool has_gpu() {
  std::error_code error;
  return fs::exists("/dev/nvidiactl", error) || fs::exists("/dev/kfd", error);
}

}  // namespace

std::vector<std::string> system_files() {
  std::vector<std::string> files{"/lib",
                                 "/lib32",
                                 "/lib64",
                                 "/usr/lib",
                                 "/usr/lib32",
                                 "/usr/lib64",
                                 "/usr/local/lib",
                                 "/usr/local/lib64",
                                 "/usr/share/locale",
                                 "/usr/share/zoneinfo",
                                 "/etc/ld.so.cache",
                                 "/etc/ld.so.conf",
                                 "/etc/ld.so.conf.d",
                                 "/etc/localtime",
                                 "/etc/timezone",
                                 "/proc/self",
                                 "/proc/cpuinfo",
                                 "/proc/meminfo",
                                 "/proc/stat",
                                 "/proc/filesystems",
                                 "/proc/version",
                                 "/proc/sys/vm/overcommit_memory",
                                 "/proc/sys/vm/max_map_count",
                                 "/proc/sys/kernel/osrelease",
                                 "/sys/devices/system/cpu",
                                 "/sys/devices/system/node",
                                 "/sys/kernel/mm/transparent_hugepage"};
  // Of CUDA as its maker packs it.
  std::ranges::move(entries("/usr/local", "cuda"), std::back_inserter(files));
  return files;
}

std::vector<std::string> network_files() {
  return {"/etc/resolv.conf", "/etc/hosts",    "/etc/host.conf",       "/etc/nsswitch.conf",
          "/etc/gai.conf",    "/etc/ssl",      "/etc/ca-certificates", "/usr/share/ca-certificates",
          "/etc/protocols",   "/etc/services", "/run/systemd/resolve"};
}

std::vector<std::string> program_files() { return {"/bin", "/usr/bin", "/usr/local/bin", "/usr/libexec"}; }

std::vector<std::string> devices() {
  std::vector<std::string> found{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"};
  if (has_gpu()) {
    std::ranges::move(entries("/dev", "nvidia"), std::back_inserter(found));
    found.insert(found.end(), {"/dev/kfd", "/dev/dri"});
  }
  return found;
}

std::vector<std::string> device_files() {
  if (!has_gpu()) return {};
  return {"/proc/driver/nvidia", "/proc/devices", "/proc/modules",     "/sys/module",
          "/sys/bus/pci",        "/sys/class",    "/sys/devices",      "/etc/nvidia",
          "/etc/vulkan",         "/etc/OpenCL",   "/usr/share/nvidia", "/sys/kernel/mm"};
}

}  // namespace berth::worker
