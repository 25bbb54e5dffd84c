#include "weights.hpp"

#include "../parts/text.hpp"
#include "stop.hpp"

#include <residua/core/error.hpp>
#include <residua/data/metadata.hpp>
#include <residua/io/safetensors.hpp>
#include <residua/io/settings.hpp>
#include <residua/version.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <map>

namespace train {

using namespace parts;
using namespace residua;

namespace {

std::string line(const char* name, const std::string& value) { return std::string(name) + ": " + value + "\n"; }

// With as many digits as the log and the checkpoint have: a resumed run knows no others.
std::string number(double value, int digits) { return format("%.*f", digits, value); }

}  // namespace

std::size_t best_of(const std::vector<Epoch>& epochs, std::size_t from) {
    // (In the log's digits, so that a resumed run finds the same.)
    const auto loss = [&](std::size_t i) { return std::llround(1e6 * epochs[i].train_loss); };
    std::size_t best = from;
    for (std::size_t i = from; i < epochs.size(); ++i) {
        if (loss(i) < loss(best)) best = i;
    }
    return best;
}

std::string weights_description(const std::string& settings, const data::Normalisation& normalisation,
                                const ImageSet& train_set) {
    std::string text = settings;
    for (const auto& [name, value] : data::metadata_of(normalisation)) text += line(name.c_str(), value);

    std::string names;
    for (const std::string& name : train_set.class_names()) names += (names.empty() ? "" : ", ") + name;
    if (!names.empty()) text += line("classes", names);

    return text + line("residua", format("%d.%d.%d", RESIDUA_VERSION_MAJOR, RESIDUA_VERSION_MINOR, RESIDUA_VERSION_PATCH));
}

Weights::Weights(const Outputs& outputs, const AnyNetwork& network, const void* self, const Progress& progress,
                 std::string settings, std::string description)
    : outputs_(outputs),
      network_(network),
      self_(self),
      progress_(progress),
      settings_(std::move(settings)),
      description_(std::move(description)) {}

void Weights::resume() {
    if (!best_is_kept() || progress_.epochs.empty() || best_is_on_disk()) return;
    const bool at_the_end_of_the_best = progress_.images == 0 && best() + 1 == progress_.epochs.size();
    if (at_the_end_of_the_best) {
        end_epoch();
        return;
    }
    std::printf("%s does not hold the weights of epoch %lld, the best so far: it will hold the best of the epochs to come\n",
                outputs_.best_weights().c_str(), static_cast<long long>(progress_.epochs[best()].epoch));
    first_ = progress_.epochs.size();
}

void Weights::end_epoch() {
    const Epoch& epoch = progress_.epochs.back();
    const auto try_to = [&](auto write) {
        try {
            write();
            return std::string();
        } catch (const Error& error) {
            std::fprintf(stderr, "train: %s%s\n", error.what(), stop_signal != 0 ? "" : "; training goes on");
            return std::string(error.what());
        }
    };
    if (outputs_.weights_is_replaced()) try_to([&] { write_last(); });
    if (best_is_kept() && best() + 1 == progress_.epochs.size()) {
        best_is_lost_ = try_to([&] { write(outputs_.best_weights(), epoch, "lowest training loss of all epochs"); });
    }
}

void Weights::finish() {
    if (is_kept()) write_last();
    if (!best_is_lost_.empty()) throw Error(best_is_lost_);
}

std::string Weights::in_words() const {
    if (!is_kept()) return "not kept (--weights FILE keeps them)";
    std::string text = outputs_.weights().string() + " (last epoch)";
    if (!best_is_kept() || first_ == progress_.epochs.size()) return text;
    return text + ", " + outputs_.best_weights().string() + " (epoch " + std::to_string(progress_.epochs[best()].epoch) +
           ", the lowest training loss)";
}

// The best epoch's, or of a later epoch, which is about to be trained again with the same bits.
bool Weights::best_is_on_disk() const {
    try {
        const std::map<std::string, std::string> said = io::SafetensorsFile::read(outputs_.best_weights()).metadata();
        const auto has = [&](std::string_view name, std::string_view value) {
            const auto at = said.find(std::string(name));
            return at != said.end() && at->second == value;
        };
        const std::vector<io::detail::RunSetting> settings = io::detail::settings_of(settings_);
        const bool of_this_run =
            std::all_of(settings.begin(), settings.end(), [&](const auto& s) { return has(s.name, s.value); });
        const auto epoch = number_of<std::int64_t>(said.at("epoch"));
        return of_this_run && (epoch == progress_.epochs[best()].epoch || epoch > progress_.epochs.back().epoch);
    } catch (const std::exception&) {
        return false;  // not there, or no such file
    }
}

void Weights::write(const std::filesystem::path& path, const Epoch& epoch, const std::string& chosen) const {
    const std::string text = description_ + line("epoch", std::to_string(epoch.epoch)) + line("chosen", chosen) +
                             line("training loss", number(epoch.train_loss, 6)) + line("test loss", number(epoch.test_loss, 6)) +
                             line("test error in percent", number(epoch.test_error, 3));
    AnyStatus status;
    network_.save_weights(self_, path.c_str(), text.c_str(), status);
    if (!status.ok()) throw Error(status.message);
}

void Weights::write_last() const { write(outputs_.weights(), progress_.epochs.back(), "last epoch"); }

}  // namespace train
