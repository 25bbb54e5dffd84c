// How long runs take on this machine.
#pragma once

#include <map>
#include <string>

namespace paper {

// What is known of networks' speed, by their names. Of one that was never seen, that of another by its multiply-adds.
class Paces {
public:
    void saw(const std::string& network, double macs, double images, double seconds) {
        if (!(images > 0) || !(seconds > 0)) return;
        Seen& seen = seen_[network];
        seen.macs = macs;
        seen.images += images;
        seen.seconds += seconds;
    }
    bool empty() const { return seen_.empty(); }

    // Seconds that training on so many images takes. There must be one that was seen.
    double seconds(const std::string& network, double macs, double images) const {
        const auto known = seen_.find(network);
        if (known != seen_.end()) return images * known->second.seconds / known->second.images;
        double work = 0;
        double seconds = 0;
        for (const auto& [name, seen] : seen_) {
            work += seen.images * seen.macs;
            seconds += seen.seconds;
        }
        return images * macs * seconds / work;
    }

private:
    struct Seen {
        double macs = 0;  // an image, forward
        double images = 0;
        double seconds = 0;
    };
    std::map<std::string, Seen> seen_;
};

}  // namespace paper
