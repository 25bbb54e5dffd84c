#include "outputs.hpp"

#include "../parts/output_paths.hpp"

#include <residua/core/error.hpp>

#include <string>
#include <vector>

namespace train {

using namespace parts;
using namespace residua;
namespace fs = std::filesystem;

namespace {

// runs/a.html and "best" give runs/a.best.safetensors.
fs::path with_ending(const fs::path& path, const char* ending) { return path.parent_path() / (path.stem().string() + ending); }

}  // namespace

Outputs::Outputs(const Options& options) : report_(options.report) {
    const fs::path folder = options.checkpoint_dir;
    if (!folder.empty()) checkpoint_ = folder / "checkpoint.residua";
    csv_ = !options.csv.empty() ? fs::path(options.csv) : folder.empty() ? report_.parent_path() / "log.csv" : folder / "log.csv";

    if (folder.empty() && options.resume) throw Error("--resume needs --checkpoint-dir");
    if (!folder.empty()) {
        expect_folder("--checkpoint-dir", folder);
        lock_.emplace(folder);
        expect_writable("--checkpoint-dir", checkpoint_);
        // (It is read again, which a pipe or a device does not allow.)
        if (is_device(checkpoint_)) throw Error(checkpoint_.string() + ": expected a file on a disk, found another kind of file");
        if (fs::exists(checkpoint_) && !options.resume && !options.overwrite) {
            throw Error(checkpoint_.string() +
                        ": a run was saved here: go on with it (--resume), give it up (--overwrite), or choose another "
                        "--checkpoint-dir");
        }
    }

    struct Output {
        const char* option;
        fs::path path;
        const char* name;
    };
    std::vector<Output> written = {{"--csv", csv_, "that of --csv"}, {"--report", report_, "that of --report"}};
    // (The report first: where nobody says otherwise the log lies beside it.)
    expect_writable("--report", report_);
    expect_writable("--csv", csv_);

    // (Beside a report that is no file there is no place for weights.)
    if (!options.weights.empty()) {
        weights_ = options.weights;
    } else if (!is_device(report_)) {
        weights_ = with_ending(report_, ".safetensors");
    }
    if (!weights_.empty()) {
        expect_writable("--weights", weights_);
        written.push_back({"--weights", weights_, "that of --weights"});
    }
    if (weights_is_replaced()) {
        best_weights_ = with_ending(weights_, (".best" + weights_.extension().string()).c_str());
        expect_writable("--weights", best_weights_);
        written.push_back({"--weights", best_weights_, "that of the best weights"});
    }

    for (std::size_t i = 0; i < written.size(); ++i) {
        const auto& [option, path, name] = written[i];
        for (std::size_t other = 0; other < i; ++other) expect_apart(option, path, written[other].name, written[other].path);
        expect_no_data(option, path, options.data_dir);
        if (folder.empty()) continue;
        expect_apart(option, path, "the checkpoint", checkpoint_);
        expect_apart(option, path, "the lock of the checkpoint's folder", folder / "residua.lock");
    }
}

bool Outputs::weights_is_replaced() const { return !weights_.empty() && !is_device(weights_); }

}  // namespace train
