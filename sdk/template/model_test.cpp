// Asks the model directly, as the server would.
#include "model.h"

#include <cstdlib>
#include <iostream>

namespace {

void expect(bool holds, const char* what) {
  if (holds) return;
  std::cerr << "failed: " << what << '\n';
  std::exit(1);
}

}  // namespace

int main() {
  @CLASS@ model;
  const auto answer = model.predict_data(berth::Args(berth::Json{{"text", "a b a"}, {"top", 1}})).json();
  expect(answer == berth::Json::parse(R"({"words":[{"word":"a","count":2}]})"), "the most frequent word comes first");
  try {
    model.predict_data(berth::Args(berth::Json{{"text", " "}, {"top", 1}}));
    expect(false, "a text without words is an error");
  } catch (const berth::Error& error) {
    expect(error.status() == 422, "the error is the client's");
  }
}
