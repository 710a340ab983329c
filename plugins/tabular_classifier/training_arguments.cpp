// SPDX-License-Identifier: Apache-2.0
#include "tabular_classifier/training_arguments.h"

#include <berth/error.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace berth::tabular {
namespace {

constexpr int kBadRequest = 400;
constexpr std::size_t kMaxLayers = 4;

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (!file) throw Error(kBadRequest, path.filename().string() + " cannot be read");
  return bytes;
}

}  // namespace

ArgSpecs training_arguments(const PackageConfig& config) {
  const TrainerOptions trainer;
  const LearningOptions learning;
  auto target = Arg("target").help("The column to predict: 0 or 1");
  if (config.target.empty()) {
    target.required();
  } else {
    target.default_value(config.target);
  }
  return {
      Arg("file").file().help("A CSV file with a header, to learn from"),
      Arg("data").help("Instead of file: a CSV file's path in the server's folder of data"),
      target,
      Arg("model").choices({"logistic", "mlp"}).default_value("logistic").help("Logistic regression, or a network"),
      Arg("hidden")
          .list(Arg("size").integer().range(1, 4096))
          .delimited()
          .length(1, kMaxLayers)
          .default_value(Json::array({16}))
          .help("Sizes of the network's hidden layers"),
      Arg("epochs")
          .integer()
          .range(1, 100'000)
          .default_value(trainer.epochs)
          .help("How often each row is seen, at most"),
      Arg("patience")
          .integer()
          .range(0, 100'000)
          .default_value(trainer.patience)
          .help("Epochs without a better validation loss, after which it stops; 0: it does not"),
      Arg("learning_rate").number().range(1e-9, 10).default_value(trainer.learning_rate),
      Arg("weight_decay").number().range(0, 100).default_value(trainer.weight_decay),
      Arg("batch_size").integer().range(1, 1'000'000).default_value(trainer.batch_size).help("Rows in one step"),
      Arg("validation_split")
          .number()
          .range(0.01, 0.9)
          .default_value(learning.validation_split)
          .help("The share of the rows that tells when to stop, and is not learnt from"),
      Arg("folds").integer().range(0, 20).default_value(learning.folds).help("Of the cross-validation; 0: none"),
      Arg("imputation")
          .choices({"median", "mean", "none"})
          .default_value("median")
          .help("What stands for a missing value; none: there must be none"),
      Arg("seed").integer().min(0).default_value(trainer.seed).help("The same seed, the same model"),
  };
}

LearningOptions learning_options(const Args& args) {
  LearningOptions options;
  auto& trainer = options.trainer;
  if (args.text("model") == "mlp") trainer.hidden = args.list<std::int64_t>("hidden");
  trainer.epochs = args.integer("epochs");
  trainer.patience = args.integer("patience");
  trainer.learning_rate = args.number("learning_rate");
  trainer.weight_decay = args.number("weight_decay");
  trainer.batch_size = args.integer("batch_size");
  trainer.seed = static_cast<std::uint64_t>(args.integer("seed"));
  options.validation_split = args.number("validation_split");
  options.folds = static_cast<std::size_t>(args.integer("folds"));
  if (options.folds == 1) throw Error(kBadRequest, "folds: one fold leaves nothing to train on; 0 means none");
  const auto imputation = args.text("imputation");
  options.imputation = imputation == "none"   ? Imputation::none
                       : imputation == "mean" ? Imputation::mean
                                              : Imputation::median;
  return options;
}

Dataset read_table(const Args& args, const Host& host, const Schema& schema, const std::string& target) {
  const auto files = args.files("file");
  const auto data = args.text("data", "");
  if (files.size() + (data.empty() ? 0 : 1) != 1) {
    throw Error(kBadRequest, "send one table to learn from: a CSV file as file, or data, its path on the server");
  }
  try {
    const auto csv = files.empty() ? read_csv(content_of(host.data_file(data))) : read_csv(files.front().bytes());
    return read_dataset(csv, schema, target, args.text("imputation") != "none");
  } catch (const CsvError& wrong) {
    const auto name = files.empty() ? data : std::string(files.front().name());
    throw Error(kBadRequest, name + ": " + wrong.what());
  }
}

}  // namespace berth::tabular
