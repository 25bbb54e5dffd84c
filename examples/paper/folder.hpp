// A run is a folder: so runs can be interrupted, shared among machines and kept.
#pragma once

#include "claim.hpp"
#include "record.hpp"

#include <filesystem>
#include <string>

namespace paper {

// How a run stands. Diverged ones are finished, too.
enum class State { not_begun, begun, finished, diverged };
const char* text_of(State state);

struct Outcome {
    State state = State::not_begun;
    Record record;
    std::int64_t steps = 0;   // that were to be taken
    double seconds = 0;       // of training
    std::int64_t images = 0;  // that were trained on, each as often as it was
    std::string processor;
    int threads = 0;
    std::string version;
    std::string date;

    bool is_finished() const { return state == State::finished || state == State::diverged; }
};

// The same settings with this seed.
RunSettings with_seed(RunSettings settings, int seed);

// Everything about a run that its numbers depend on, "name: value" a line. (Threads and processors change no bit.)
std::string text_of(const RunSettings& settings);

// resnet110-scale_0.5_1.cifar10.3-epochs.seed1.0f3a9c27: the same name for the same settings, on any machine.
std::string folder_name(const RunSettings& settings);

// The files of a run in its folder: log.csv, units.csv and result.txt, once it has ended; checkpoint.residua until then.
class RunFolder {
public:
    RunFolder(const std::filesystem::path& runs, const RunSettings& settings)
        : path_(runs / folder_name(settings)), settings_(text_of(settings)) {}

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path checkpoint() const { return path_ / "checkpoint.residua"; }

    // What stands there. Error: a file that cannot be read or is damaged, or of another run.
    Outcome outcome() const;

    // The run has ended: writes the log first and the result, which says that all of it is there, last; takes the checkpoint
    // away.
    void write(const Outcome& outcome) const;

private:
    std::filesystem::path path_;
    std::string settings_;
};

}  // namespace paper
