// SPDX-License-Identifier: Apache-2.0
#include "elf/symbols.h"

#include <algorithm>
#include <array>
#include <utility>

namespace berth::elf {
namespace {

// Of real libraries, the largest have some hundred thousand symbols, and fewer than a hundred versions.
constexpr std::uint32_t kMaxSymbols = 1'000'000;
constexpr std::uint32_t kMaxBuckets = 1U << 18U;
constexpr std::uint32_t kMaxBloomWords = 1U << 17U;
constexpr std::size_t kMaxVersions = 4096;
constexpr std::size_t kMaxVersionName = 256;
constexpr std::size_t kMaxNameBytes = 16UL * 1024 * 1024;  // of the undefined symbols of one library
constexpr std::uint64_t kStepsOfReading = 8;               // as much as looking into that many filters
constexpr std::uint64_t kMaxRelocations = 8'000'000;
constexpr std::uint16_t kVersionMask = 0x7fff;  // the bit above says that a symbol is not for whoever names no version

bool is_for_others(const Elf64_Sym& symbol) {
  const auto binding = ELF64_ST_BIND(symbol.st_info);
  const auto visibility = ELF64_ST_VISIBILITY(symbol.st_other);
  return (binding == STB_GLOBAL || binding == STB_WEAK || binding == STB_GNU_UNIQUE) &&
         (visibility == STV_DEFAULT || visibility == STV_PROTECTED);
}

bool is_defined(const Elf64_Sym& symbol) {
  if (symbol.st_shndx == SHN_UNDEF) return false;
  const auto type = ELF64_ST_TYPE(symbol.st_info);
  return symbol.st_value != 0 || symbol.st_shndx == SHN_ABS || type == STT_TLS;
}

}  // namespace

SymbolName::SymbolName(std::string name) : text(std::move(name)), gnu_hash(5381) {
  for (const char character : text) {
    const std::uint32_t byte = static_cast<unsigned char>(character);
    gnu_hash = gnu_hash * 33 + byte;
    hash = (hash << 4U) + byte;
    hash ^= (hash >> 24U) & 0xf0U;
    hash &= 0x0fffffffU;
  }
}

Symbols::Symbols(const Image& image) : image_(image) {
  const auto symbols = table_at(DT_SYMTAB);
  if (!symbols) return;
  symbols_ = *symbols;
  versions_ = table_at(DT_VERSYM);
  read_gnu_table();
  read_old_table();
  read_required();
  read_defined();
}

std::optional<std::uint64_t> Symbols::table_at(Elf64_Sxword tag) const {
  const auto address = image_.dynamic_value(tag);
  return address ? image_.offset_of(*address) : std::nullopt;
}

// Number of buckets, first symbol, words of the Bloom filter, its shift; the filter; the buckets; the chains.
void Symbols::read_gnu_table() {
  const auto at = table_at(DT_GNU_HASH);
  const auto header = at ? image_.at<std::array<std::uint32_t, 4>>(*at) : std::nullopt;
  if (!header) return;
  const auto [bucket_count, first, words, shift] = *header;
  if (bucket_count == 0 || bucket_count > kMaxBuckets || words == 0 || words > kMaxBloomWords || shift >= 64) return;
  const auto bloom_at = *at + sizeof(*header);
  const auto buckets_at = bloom_at + words * sizeof(std::uint64_t);
  auto bloom = image_.table<std::uint64_t>(bloom_at, words);
  auto buckets = image_.table<std::uint32_t>(buckets_at, bucket_count);
  if (!bloom || !buckets) return;
  gnu_ = {buckets_at + bucket_count * sizeof(std::uint32_t), first, shift, std::move(*bloom), std::move(*buckets)};
  symbol_count_ = std::min(first, kMaxSymbols);  // those that are defined come after the others
}

// Number of buckets, number of symbols; the buckets; the chains.
void Symbols::read_old_table() {
  const auto at = table_at(DT_HASH);
  const auto header = at ? image_.at<std::array<std::uint32_t, 2>>(*at) : std::nullopt;
  if (!header) return;
  const auto [bucket_count, symbol_count] = *header;
  if (bucket_count == 0 || bucket_count > kMaxBuckets) return;
  const auto buckets_at = *at + sizeof(*header);
  auto buckets = image_.table<std::uint32_t>(buckets_at, bucket_count);
  if (!buckets) return;
  old_ = {buckets_at + bucket_count * sizeof(std::uint32_t), symbol_count, 0, {}, std::move(*buckets)};
  if (gnu_.buckets.empty()) symbol_count_ = std::min(symbol_count, kMaxSymbols);
}

void Symbols::name_version(std::uint16_t index, std::string name, std::string file) {
  const std::size_t place = index & kVersionMask;
  if (place >= names_.size()) names_.resize(place + 1);
  names_[place] = {std::move(name), std::move(file)};
}

std::string Symbols::version_text(std::uint64_t offset) const {
  auto text = image_.dynamic_text(offset).value_or("");
  return text.size() <= kMaxVersionName ? text : std::string();
}

void Symbols::read_required() {
  const auto at = table_at(DT_VERNEED);
  if (!at) return;
  std::uint64_t need_at = *at;
  for (std::size_t looked_at = 0; looked_at < kMaxVersions;) {
    const auto need = image_.at<Elf64_Verneed>(need_at);
    if (!need) return;
    const auto file = version_text(need->vn_file);
    std::uint64_t version_at = need_at + need->vn_aux;
    for (unsigned i = 0; i < need->vn_cnt && looked_at < kMaxVersions; ++i, ++looked_at) {
      const auto version = image_.at<Elf64_Vernaux>(version_at);
      if (!version) return;
      const auto name = version_text(version->vna_name);
      required_.push_back({name, file, (version->vna_flags & VER_FLG_WEAK) != 0});
      name_version(version->vna_other, name, file);
      if (version->vna_next == 0) break;
      version_at += version->vna_next;
    }
    ++looked_at;
    if (need->vn_next == 0) return;
    need_at += need->vn_next;
  }
}

void Symbols::read_defined() {
  const auto at = table_at(DT_VERDEF);
  if (!at) return;
  std::uint64_t definition_at = *at;
  for (std::size_t looked_at = 0; looked_at < kMaxVersions; ++looked_at) {
    const auto definition = image_.at<Elf64_Verdef>(definition_at);
    if (!definition) return;
    const auto version = image_.at<Elf64_Verdaux>(definition_at + definition->vd_aux);
    if (!version) return;
    auto name = version_text(version->vda_name);
    // The base version bears the library's own name, and is no version that a symbol can ask for.
    const bool is_base = (definition->vd_flags & VER_FLG_BASE) != 0;
    name_version(definition->vd_ndx, is_base ? "" : name, "");
    defined_.push_back(std::move(name));
    if (definition->vd_next == 0) return;
    definition_at += definition->vd_next;
  }
}

std::size_t Symbols::memory() const {
  return gnu_.bloom.size() * sizeof(std::uint64_t) +
         (gnu_.buckets.size() + old_.buckets.size()) * sizeof(std::uint32_t) + names_.size() * sizeof(Named) +
         (required_.size() + defined_.size()) * (sizeof(Version) + kMaxVersionName);
}

std::vector<Symbols::Undefined> Symbols::undefined(std::size_t most) const {
  std::vector<Undefined> found;
  std::size_t bytes = 0;
  constexpr std::uint32_t kAtOnce = 4096;
  for (std::uint32_t start = 1; start < symbol_count_ && found.size() < most; start += kAtOnce) {
    const auto count = std::min(kAtOnce, symbol_count_ - start);
    const auto symbols = image_.table<Elf64_Sym>(symbols_ + std::uint64_t{start} * sizeof(Elf64_Sym), count);
    if (!symbols) break;
    for (std::uint32_t i = 0; i < count && found.size() < most; ++i) {
      const auto& symbol = (*symbols)[i];
      if (symbol.st_shndx != SHN_UNDEF || ELF64_ST_BIND(symbol.st_info) != STB_GLOBAL || !is_for_others(symbol))
        continue;
      auto name = image_.dynamic_text(symbol.st_name);
      if (!name || name->empty()) continue;
      bytes += name->size();
      if (bytes > kMaxNameBytes) return found;
      Undefined undefined{start + i, SymbolName(std::move(*name)), "", ""};
      const auto version =
          versions_ ? image_.at<std::uint16_t>(*versions_ + (start + i) * sizeof(std::uint16_t)) : std::nullopt;
      if (version && (*version & kVersionMask) < names_.size()) {
        const auto& [version_name, file] = names_[*version & kVersionMask];
        undefined.version = version_name;
        undefined.version_file = file;
      }
      found.push_back(std::move(undefined));
    }
  }
  return found;
}

std::vector<Symbols::Undefined> Symbols::referenced(std::vector<Undefined> candidates) const {
  std::vector<bool> is_referenced(symbol_count_);
  const auto look_at = [&](Elf64_Sxword table, Elf64_Sxword table_size) {
    constexpr std::uint64_t kAtOnce = 16384;
    const auto at = table_at(table);
    if (!at) return;
    const auto count = std::min(image_.dynamic_value(table_size).value_or(0) / sizeof(Elf64_Rela), kMaxRelocations);
    for (std::uint64_t start = 0; start < count; start += kAtOnce) {
      const auto entries = image_.table<Elf64_Rela>(*at + start * sizeof(Elf64_Rela), std::min(kAtOnce, count - start));
      if (!entries) return;
      for (const auto& entry : *entries) {
        const auto symbol = ELF64_R_SYM(entry.r_info);
        if (symbol < is_referenced.size()) is_referenced[symbol] = true;
      }
    }
  };
  look_at(DT_RELA, DT_RELASZ);
  look_at(DT_JMPREL, DT_PLTRELSZ);
  std::erase_if(candidates, [&](const auto& candidate) { return !is_referenced[candidate.index]; });
  return candidates;
}

bool Symbols::fits(std::uint32_t index, const Elf64_Sym& symbol, std::string_view name,
                   std::string_view version) const {
  if (!is_defined(symbol) || !is_for_others(symbol) || !image_.dynamic_text_is(symbol.st_name, name)) return false;
  if (version.empty() || !versions_ || defined_.empty()) return true;
  const auto own = image_.at<std::uint16_t>(*versions_ + std::uint64_t{index} * sizeof(std::uint16_t));
  if (!own) return false;
  const std::size_t place = *own & kVersionMask;
  const std::string_view own_name = place < names_.size() ? std::string_view(names_[place].name) : "";
  return own_name == version || (own_name.empty() && (*own & ~kVersionMask) == 0);
}

std::optional<Elf64_Sym> Symbols::find(const SymbolName& name, std::string_view version, std::uint64_t& steps) const {
  return gnu_.buckets.empty() ? find_old(name, version, steps) : find_gnu(name, version, steps);
}

std::optional<Elf64_Sym> Symbols::find_gnu(const SymbolName& name, std::string_view version,
                                           std::uint64_t& steps) const {
  const auto hash = name.gnu_hash;
  const auto word = gnu_.bloom[(hash / 64) & (gnu_.bloom.size() - 1)];
  if (((word >> (hash % 64)) & (word >> ((hash >> gnu_.shift) % 64)) & 1U) == 0) return std::nullopt;
  auto index = gnu_.buckets[hash % gnu_.buckets.size()];
  if (index < gnu_.first) return std::nullopt;
  for (; index < kMaxSymbols && steps > 0; ++index, steps -= std::min(steps, kStepsOfReading)) {
    const auto link = image_.at<std::uint32_t>(gnu_.offset + std::uint64_t{index - gnu_.first} * sizeof(std::uint32_t));
    if (!link) return std::nullopt;
    if ((*link | 1U) == (hash | 1U)) {
      const auto symbol = image_.at<Elf64_Sym>(symbols_ + std::uint64_t{index} * sizeof(Elf64_Sym));
      if (symbol && fits(index, *symbol, name.text, version)) return symbol;
    }
    if ((*link & 1U) != 0) return std::nullopt;  // the last of its chain
  }
  return std::nullopt;
}

std::optional<Elf64_Sym> Symbols::find_old(const SymbolName& name, std::string_view version,
                                           std::uint64_t& steps) const {
  if (old_.buckets.empty()) return std::nullopt;
  auto index = old_.buckets[name.hash % old_.buckets.size()];
  for (; index != 0 && index < kMaxSymbols && steps > 0; steps -= std::min(steps, kStepsOfReading)) {
    const auto symbol = image_.at<Elf64_Sym>(symbols_ + std::uint64_t{index} * sizeof(Elf64_Sym));
    if (!symbol) return std::nullopt;
    if (fits(index, *symbol, name.text, version)) return symbol;
    const auto next = image_.at<std::uint32_t>(old_.offset + std::uint64_t{index} * sizeof(std::uint32_t));
    if (!next) return std::nullopt;
    index = *next;
  }
  return std::nullopt;
}

}  // namespace berth::elf
