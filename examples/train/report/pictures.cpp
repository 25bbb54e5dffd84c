#include "../../parts/pictures.hpp"
#include "parts.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace train::report {

std::string pictures(const Run& run) {
    constexpr std::size_t at_most = 16;
    const parts::ImageSet& set = *run.test;
    std::vector<std::size_t> first(std::min(run.evaluation.predictions().size(), at_most));
    for (std::size_t i = 0; i < first.size(); ++i) first[i] = i;
    const std::string html = "<p>The first test images, what they were taken for, and how surely.</p>" +
                             parts::picture_list(set, run.evaluation, first);

    const std::vector<std::size_t> mistakes = parts::surest_mistakes(set, run.evaluation, at_most);
    if (mistakes.empty()) return html + "<p>No test image was taken for another.</p>";
    return html + "<h3>Mistakes of which it was surest</h3>" + parts::picture_list(set, run.evaluation, mistakes);
}

}  // namespace train::report
