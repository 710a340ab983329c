// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <chrono>
#include <cstdio>

#include "core/scalars.h"

namespace berth::core {
namespace {

// Takes pieces off the front of a text; once something did not fit, everything after fails too.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  // A run of at least `least` and at most `most` digits.
  int number(std::size_t least, std::size_t most) {
    int value = 0;
    std::size_t count = 0;
    while (count < most && count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9') {
      value = value * 10 + (rest_[count++] - '0');
    }
    if (count < least) failed_ = true;
    rest_.remove_prefix(count);
    return value;
  }
  void expect(std::string_view any_of) {
    if (!take(any_of)) failed_ = true;
  }
  // The character if it is one of these, else 0.
  char take(std::string_view any_of) {
    if (failed_ || rest_.empty() || any_of.find(rest_.front()) == any_of.npos) return 0;
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }
  std::size_t left() const { return rest_.size(); }
  bool next_is_digit() const { return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; }
  bool complete() const { return !failed_ && rest_.empty(); }
  bool failed() const { return failed_; }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

template <typename... Numbers>
std::string format(const char* pattern, Numbers... numbers) {
  std::array<char, 40> buffer{};
  const int size = std::snprintf(buffer.data(), buffer.size(), pattern, numbers...);
  return {buffer.data(), static_cast<std::size_t>(size)};
}

// "2020-01-02"; "" where there is no such day.
std::string take_day(Cursor& cursor) {
  const int year = cursor.number(4, 4);
  cursor.expect("-");
  const int month = cursor.number(1, 2);
  cursor.expect("-");
  const int day = cursor.number(1, 2);
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (cursor.failed() || year < 1 || !date.ok()) return "";
  return format("%04d-%02d-%02d", year, month, day);
}

// ":05.120000", or only as much of it as was sent; seconds are always written.
std::string take_seconds(Cursor& cursor, bool& valid) {
  if (!cursor.take(":")) return ":00";
  const int seconds = cursor.number(1, 2);
  valid = valid && seconds < 60;
  std::string text = format(":%02d", seconds);
  if (!cursor.take(".")) return text;
  const auto before = cursor.left();
  int micros = cursor.number(1, 6);
  for (auto count = before - cursor.left(); count < 6; ++count) micros *= 10;
  cursor.number(0, 6);
  return micros == 0 ? text : text + format(".%06d", micros);
}

// "+02:00"; "" where there is none.
std::string take_offset(Cursor& cursor, bool& valid) {
  if (cursor.take("Z")) return "+00:00";
  const char sign = cursor.take("+-");
  if (sign == 0) return "";
  const int hours = cursor.number(2, 2);
  int minutes = 0;
  if (cursor.take(":") || cursor.next_is_digit()) minutes = cursor.number(2, 2);
  valid = valid && hours * 60 + minutes < 24 * 60;
  return (hours == 0 && minutes == 0 ? std::string("+") : std::string(1, sign)) +
         format("%02d:%02d", (hours * 60 + minutes) / 60, minutes % 60);
}

}  // namespace

std::optional<std::string> read_date(std::string_view text) {
  Cursor cursor(text);
  auto day = take_day(cursor);
  if (day.empty() || !cursor.complete()) return std::nullopt;
  return day;
}

std::optional<std::string> read_datetime(std::string_view text) {
  Cursor cursor(text);
  const auto day = take_day(cursor);
  cursor.expect("T ");
  const int hour = cursor.number(1, 2);
  cursor.expect(":");
  const int minute = cursor.number(1, 2);
  bool valid = !day.empty() && hour < 24 && minute < 60;
  const auto seconds = take_seconds(cursor, valid);
  const auto offset = take_offset(cursor, valid);
  if (!valid || !cursor.complete()) return std::nullopt;
  return day + "T" + format("%02d:%02d", hour, minute) + seconds + offset;
}

}  // namespace berth::core
