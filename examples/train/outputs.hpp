// The files that a run writes.
#pragma once

#include "options.hpp"

#include <residua/io/folder_lock.hpp>

#include <filesystem>
#include <optional>

namespace train {

// Tried before anything is computed: a run of days must not end with a path that cannot be written. What stands at the paths is
// left as it is; folders on the way to them are made. Errors: a path that cannot be written, or is that
// of something else that the run reads or writes; another run in the folder of the
// checkpoint; a checkpoint there, and nothing said about it.
class Outputs {
public:
    explicit Outputs(const Options& options);

    const std::filesystem::path& checkpoint() const { return checkpoint_; }  // empty: none
    const std::filesystem::path& csv() const { return csv_; }
    const std::filesystem::path& report() const { return report_; }
    const std::filesystem::path& weights() const { return weights_; }            // of the last epoch; empty: none
    const std::filesystem::path& best_weights() const { return best_weights_; }  // empty: none
    bool weights_is_replaced() const;  // a file that each epoch may replace, and no pipe or device

private:
    std::filesystem::path checkpoint_;
    std::filesystem::path csv_;
    std::filesystem::path report_;
    std::filesystem::path weights_;
    std::filesystem::path best_weights_;
    std::optional<residua::io::FolderLock> lock_;  // held as long as the run lasts
};

}  // namespace train
