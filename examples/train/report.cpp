// The report: one HTML file, readable offline, with nothing outside it.
#include "run.hpp"

#include <residua/io/atomic_file.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace train {

using namespace residua;

namespace {

std::string escaped(const std::string& text) {
    std::string result;
    for (const char c : text) {
        if (c == '<')
            result += "&lt;";
        else if (c == '>')
            result += "&gt;";
        else if (c == '&')
            result += "&amp;";
        else if (c == '"')
            result += "&quot;";
        else
            result += c;
    }
    return result;
}

template <class... A>
std::string format(const char* pattern, A... arguments) {
    char text[512];
    std::snprintf(text, sizeof text, pattern, arguments...);
    return text;
}

std::string base64(const std::vector<std::uint8_t>& bytes) {
    static const char* letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string result;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const unsigned a = bytes[i];
        const unsigned b = i + 1 < bytes.size() ? bytes[i + 1] : 0;
        const unsigned c = i + 2 < bytes.size() ? bytes[i + 2] : 0;
        const unsigned all = a << 16 | b << 8 | c;
        result += letters[all >> 18];
        result += letters[all >> 12 & 63];
        result += i + 1 < bytes.size() ? letters[all >> 6 & 63] : '=';
        result += i + 2 < bytes.size() ? letters[all & 63] : '=';
    }
    return result;
}

// An image as a BMP in a data URI: the one format that needs no library and every browser shows.
std::string picture(const data::Dataset& set, std::size_t index) {
    const int width = set.image.width;
    const int height = set.image.height;
    const int pitch = (3 * width + 3) / 4 * 4;
    const int size = 54 + pitch * height;
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size));
    const auto put = [&](std::size_t at, int value, int count) {
        for (int i = 0; i < count; ++i) bytes[at + static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(value >> (8 * i));
    };
    bytes[0] = 'B';
    bytes[1] = 'M';
    put(2, size, 4);
    put(10, 54, 4);
    put(14, 40, 4);
    put(18, width, 4);
    put(22, height, 4);
    put(26, 1, 2);
    put(28, 24, 2);
    const std::uint8_t* from = set.image_at(index);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            for (int c = 0; c < 3; ++c) {  // blue, green, red; rows from the bottom
                const int channel = set.image.channels == 3 ? 2 - c : 0;
                bytes[static_cast<std::size_t>(54 + (height - 1 - y) * pitch + 3 * x + c)] =
                    from[(channel * height + y) * width + x];
            }
        }
    }
    return "data:image/bmp;base64," + base64(bytes);
}

struct Line {
    const char* name;
    const char* colour;
    std::vector<std::pair<double, double>> points;
};

std::string chart(const std::string& title, const std::string& unit, const std::vector<Line>& lines) {
    double right = 1e-9;
    double top = 1e-9;
    for (const Line& line : lines) {
        for (const auto& [x, y] : line.points) {
            right = std::max(right, x);
            top = std::max(top, y);
        }
    }
    top *= 1.05;
    const double width = 520;
    const double height = 260;
    const auto at_x = [&](double x) { return 50 + (width - 65) * x / right; };
    const auto at_y = [&](double y) { return height - 30 - (height - 45) * y / top; };

    std::string svg = "<figure><figcaption>" + escaped(title) + "</figcaption><svg viewBox='0 0 520 260' role='img'>";
    for (int i = 0; i <= 4; ++i) {
        const double y = top * i / 4;
        svg += format("<line x1='50' x2='505' y1='%.1f' y2='%.1f' class='grid'/><text x='44' y='%.1f' class='y'>%.3g</text>",
                      at_y(y), at_y(y), at_y(y) + 4, y);
        svg += format("<text x='%.1f' y='247' class='x'>%.3g</text>", at_x(right * i / 4), right * i / 4);
    }
    double legend = 60;
    for (const Line& line : lines) {
        svg += format("<polyline fill='none' stroke='%s' stroke-width='1.8' points='", line.colour);
        for (const auto& [x, y] : line.points) svg += format("%.1f,%.1f ", at_x(x), at_y(y));
        svg += "'/>";
        if (line.points.size() < 40) {
            for (const auto& [x, y] : line.points)
                svg += format("<circle cx='%.1f' cy='%.1f' r='3' fill='%s'/>", at_x(x), at_y(y), line.colour);
        }
        svg += format("<text x='%.1f' y='14' fill='%s'>%s</text>", legend, line.colour, line.name);
        legend += 110;
    }
    return svg + "<text x='505' y='259' class='y'>epochs</text><text x='8' y='14'>" + unit + "</text></svg></figure>";
}

std::string curves(const Run& run) {
    const std::vector<Epoch>& epochs = run.progress.epochs;
    Line steps{"training, steps", "#9ab8d8", {}};
    const double steps_an_epoch =
        epochs.empty() ? 1 : static_cast<double>(epochs.front().step) / static_cast<double>(epochs.front().epoch);
    const Curve& curve = run.progress.curve;
    for (std::size_t i = 0; i < curve.points.size(); ++i) {
        steps.points.emplace_back(static_cast<double>(i + 1) * curve.steps_a_point / steps_an_epoch, curve.points[i]);
    }
    Line train_loss{"training", "#1f5fa8", {}};
    Line test_loss{"test", "#c2410c", {}};
    Line train_error = train_loss;
    Line test_error = test_loss;
    for (const Epoch& e : epochs) {
        const auto at = static_cast<double>(e.epoch);
        train_loss.points.emplace_back(at, e.train_loss);
        test_loss.points.emplace_back(at, e.test_loss);
        train_error.points.emplace_back(at, e.train_error);
        test_error.points.emplace_back(at, e.test_error);
    }
    return "<div class='charts'>" + chart("Loss", "", {steps, train_loss, test_loss}) +
           chart("Error", "%", {train_error, test_error}) + "</div>";
}

std::string epochs_table(const Run& run) {
    std::string html =
        "<table><tr><th>epoch<th>learning rate<th>training loss<th>training error<th>test loss<th>test "
        "error<th>images/s<th>seconds</tr>";
    for (const Epoch& e : run.progress.epochs) {
        html += format("<tr><td>%lld<td>%.4g<td>%.4f<td>%.2f %%<td>%.4f<td>%.2f %%<td>%.0f<td>%.1f</tr>",
                       static_cast<long long>(e.epoch), e.rate, e.train_loss, e.train_error, e.test_loss, e.test_error,
                       e.images_per_second, e.seconds);
    }
    return html + "</table>";
}

std::string layers_table(const Run& run) {
    const auto shape = [](const AnyShape& s) { return format("%d&times;%d&times;%d", s.channels, s.height, s.width); };
    std::string html = "<table><tr><th class='l'>layer<th>in<th>out<th>parameters<th>multiply-adds</tr>";
    for (std::size_t i = 0; i < run.network.layer_count; ++i) {
        const AnyLayer layer = run.network.layer(i);
        html += "<tr><td class='l'>" + escaped(layer.name) + "<td>" + shape(layer.in) + "<td>" + shape(layer.out) +
                format("<td>%zu<td>%zu</tr>", layer.parameters, layer.macs);
    }
    return html + format("<tr class='sum'><td class='l'>all<td><td><td>%zu<td>%zu</tr></table>", run.network.parameter_count,
                         run.network.macs);
}

std::string confusion(const Run& run) {
    const data::Dataset& set = *run.test;
    const std::size_t classes = static_cast<std::size_t>(run.network.classes);
    std::vector<int> counts(classes * classes);
    std::vector<int> totals(classes);
    for (std::size_t i = 0; i < run.evaluation.predictions.size(); ++i) {
        ++counts[set.labels[i] * classes + static_cast<std::size_t>(run.evaluation.predictions[i])];
        ++totals[set.labels[i]];
    }
    std::string html = "<table class='confusion'><tr><th class='l'>is \\ was called";
    for (std::size_t c = 0; c < classes; ++c) html += "<th>" + escaped(set.class_names[c]);
    html += "</tr>";
    for (std::size_t row = 0; row < classes; ++row) {
        html += "<tr><th class='l'>" + escaped(set.class_names[row]);
        for (std::size_t column = 0; column < classes; ++column) {
            const int count = counts[row * classes + column];
            const double share = totals[row] ? static_cast<double>(count) / totals[row] : 0;
            const char* colour = row == column ? "31,95,168" : "194,65,12";
            const double strength = row == column ? 0.6 * share : std::min(1.0, 4 * share);
            html += format("<td style='background:rgba(%s,%.3f)'>%d", colour, strength, count);
        }
        html += "</tr>";
    }
    return html + "</table>";
}

// The first test images, then the mistakes of which the network was surest.
std::string pictures(const Run& run) {
    const data::Dataset& set = *run.test;
    const auto show = [&](std::size_t i) {
        const int predicted = run.evaluation.predictions[i];
        const bool right = predicted == set.labels[i];
        return "<figure class='" + std::string(right ? "right" : "wrong") + "'><img src='" + picture(set, i) +
               "' alt=''><figcaption>" + escaped(set.class_names[static_cast<std::size_t>(predicted)]) +
               format(" %.0f %%", 100 * static_cast<double>(run.evaluation.confidences[i])) +
               (right ? "" : "<br>is " + escaped(set.class_names[set.labels[i]])) + "</figcaption></figure>";
    };
    std::string html = "<div class='pictures'>";
    for (std::size_t i = 0; i < 16 && i < run.evaluation.predictions.size(); ++i) html += show(i);
    html += "</div><h3>Mistakes of which it was surest</h3><div class='pictures'>";
    std::vector<std::size_t> mistakes;
    for (std::size_t i = 0; i < run.evaluation.predictions.size(); ++i) {
        if (run.evaluation.predictions[i] != set.labels[i]) mistakes.push_back(i);
    }
    std::stable_sort(mistakes.begin(), mistakes.end(),
                     [&](std::size_t a, std::size_t b) { return run.evaluation.confidences[a] > run.evaluation.confidences[b]; });
    for (std::size_t i = 0; i < 16 && i < mistakes.size(); ++i) html += show(mistakes[i]);
    return html + "</div>";
}

const char* const style = R"(<style>
body{font:15px/1.45 system-ui,sans-serif;max-width:1120px;margin:2em auto;padding:0 1em;color:#1c2430}
h1{margin-bottom:.1em}h2{margin-top:1.8em;border-bottom:1px solid #d5dbe3}
.charts{display:flex;flex-wrap:wrap;gap:1em}.charts figure{flex:1 1 460px;margin:0}
svg{width:100%;height:auto}svg text{font-size:11px}.grid{stroke:#e3e8ee}.y{text-anchor:end;fill:#667}.x{text-anchor:middle;fill:#667}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}td,th{padding:2px 9px;text-align:right;border-bottom:1px solid #eef1f5}
.l{text-align:left}.sum{font-weight:600}.confusion td{min-width:2.6em}.wide{overflow-x:auto}
.pictures{display:flex;flex-wrap:wrap;gap:.6em}.pictures figure{margin:0;width:104px;text-align:center;font-size:12px}
.pictures img{width:84px;height:84px;image-rendering:pixelated;border:3px solid #3a8f5c}.pictures .wrong img{border-color:#c2410c}
</style>)";

}  // namespace

void write_report(const Run& run, const std::filesystem::path& path) {
    const Options& o = run.options;
    std::string html =
        "<!doctype html><html lang='en'><meta charset='utf-8'><meta name='viewport' content='width=device-width'><title>" +
        escaped(o.network) + " on " + escaped(o.data) + "</title>" + style + "<h1>" + escaped(o.network) + " on " +
        escaped(o.data) + "</h1>";
    html += format("<p><strong>Test error %.2f %%</strong>, test loss %.4f, %d images. ", run.evaluation.error,
                   run.evaluation.loss, run.test->size());
    html += format("%zu parameters, %.1f million multiply-adds an image, %.1f MiB to train on %d images. ",
                   run.network.parameter_count, static_cast<double>(run.network.macs) * 1e-6,
                   static_cast<double>(run.network.training_bytes) / (1 << 20), run.network.capacity);
    html +=
        format("%d epochs, batch %d, %s schedule, learning rate %g, momentum %g, weight decay %g, seed %llu.</p>", o.epochs,
               o.batch, escaped(o.schedule).c_str(), o.rate, o.momentum, o.weight_decay, static_cast<unsigned long long>(o.seed));
    html += "<h2>Training</h2>" + curves(run) + epochs_table(run);
    html += "<h2>Pictures</h2><p>Test images, what they were taken for, and how surely.</p>" + pictures(run);
    html += "<h2>Confusion</h2><div class='wide'>" + confusion(run) + "</div>";
    html += "<h2>Layers</h2><div class='wide'>" + layers_table(run) + "</div></html>\n";
    io::write_file(path, std::as_bytes(std::span(html)));
}

}  // namespace train
