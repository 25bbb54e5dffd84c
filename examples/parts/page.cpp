#include "page.hpp"

#include "html.hpp"

namespace parts {

namespace {

// Text and lines have a contrast of at least 4.5 to what they stand on, light and dark; a cell of the confusion matrix is tinted
// by at most 0.45, for that reason. Nothing is said by colour alone.
const char* const style = R"(<style>
:root{color-scheme:light dark;--paper:#fff;--panel:#f4f6f9;--ink:#1b2330;--soft:#4a5666;--rule:#d3dae3;--grid:#e2e7ee;
--training:#1c5fb0;--test:#b3390b;--by-step:#6a7686;--right:#1d7442;--wrong:#b3390b;--hit:28 95 176;--miss:179 57 11}
@media(prefers-color-scheme:dark){:root{--paper:#11161d;--panel:#1a212b;--ink:#e8ecf2;--soft:#b3bdca;--rule:#364150;--grid:#2a333f;
--training:#7db4ff;--test:#ff9d6b;--by-step:#8d9aac;--right:#6fce97;--wrong:#ff9d6b;--hit:125 180 255;--miss:255 157 107}}
*{box-sizing:border-box}
body{font:16px/1.5 system-ui,sans-serif;margin:0;background:var(--paper);color:var(--ink)}
main{max-width:1120px;margin:0 auto;padding:1.5rem 1rem 3rem}
h1{font-size:1.9rem;line-height:1.2;margin:0 0 .3rem}
h2{font-size:1.3rem;margin:2.4rem 0 .8rem;padding-bottom:.25rem;border-bottom:1px solid var(--rule)}
h3{font-size:1.05rem;margin:1.4rem 0 .6rem}
p{margin:.4rem 0 .8rem;max-width:46rem}.lead{color:var(--soft)}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:.7rem;margin:1.2rem 0 0}
.figures div{background:var(--panel);border:1px solid var(--rule);border-radius:8px;padding:.6rem .8rem}
.figures dt{color:var(--soft);font-size:.85rem}.figures dd{margin:0;font-size:1.35rem;font-weight:600;line-height:1.3}
.figures dd small{display:block;font-size:.85rem;font-weight:400;color:var(--soft)}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:1.2rem}
figure{margin:0}.charts figcaption{font-weight:600;margin-bottom:.3rem}
.charts .wide{margin:0}.charts .wide svg{min-width:480px}.charts .wide+figcaption{font-weight:400;color:var(--soft);margin:.3rem 0 0}
svg{display:block;width:100%;height:auto}.chart text{font-size:13px;fill:var(--ink)}
.grid{stroke:var(--grid)}.axis{stroke:var(--soft)}.chart .tick{fill:var(--soft);text-anchor:middle}.chart .up{text-anchor:end}
.curve{fill:none;stroke-width:2.2;stroke-linejoin:round}
.curve.by-step{stroke:var(--by-step);stroke-width:1.1}
.curve.training{stroke:var(--training)}.curve.test{stroke:var(--test);stroke-dasharray:7 4}
.mark.training{fill:var(--training)}.mark.test{fill:var(--paper);stroke:var(--test);stroke-width:2}
.wide{overflow-x:auto;margin:.6rem 0}.wide:focus-visible{outline:2px solid var(--training);outline-offset:2px}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--soft);padding-bottom:.4rem;position:sticky;left:0;max-width:calc(100vw - 2rem)}
th,td{padding:.2rem .65rem;text-align:right;border-bottom:1px solid var(--rule);white-space:nowrap}
th[scope=row],th:first-child{text-align:left}thead th{border-bottom:2px solid var(--rule);vertical-align:bottom}
tbody th{font-weight:500}tfoot th,tfoot td{font-weight:600;border-bottom:0}
.confusion td{min-width:3rem}.results tbody th{white-space:normal;min-width:9rem}
:is(.confusion,.results) :is(tbody th,thead th:first-child){position:sticky;left:0;background:var(--paper)}
.words :is(th,td){text-align:left;vertical-align:top;white-space:normal}.words td+td{min-width:15rem}
.confusion .none{color:var(--soft)}
.hit{background:rgb(var(--hit)/var(--share));font-weight:600}.miss{background:rgb(var(--miss)/var(--share))}
.pictures{display:grid;grid-template-columns:repeat(auto-fill,minmax(116px,1fr));gap:.8rem .5rem;list-style:none;padding:0;margin:0}
.pictures figure{text-align:center;font-size:.85rem;line-height:1.3}
.pictures img{width:84px;height:84px;image-rendering:pixelated;border:3px solid var(--right);border-radius:4px}
.pictures .wrong img{border:3px dashed var(--wrong)}
.made th{vertical-align:top}.made td{text-align:left;white-space:normal;overflow-wrap:anywhere}
code{font:.9em/1.4 ui-monospace,monospace}
@media(max-width:600px){.chart text{font-size:16px}.pictures{grid-template-columns:repeat(3,1fr)}h1{font-size:1.5rem}main{padding:1rem .8rem 2rem}.figures{grid-template-columns:repeat(2,1fr)}
th,td{padding:.2rem .5rem}.made th{padding-left:0}}
@media print{.wide{overflow:visible}figure,tr{break-inside:avoid}}
</style>)";

}  // namespace

std::string figure(const std::string& name, const std::string& value, const std::string& more) {
    return "<div><dt>" + name + "</dt><dd>" + value + "<small>" + more + "</small></dd></div>";
}

std::string page(const std::string& title, const std::string& lead, const std::string& figures,
                 const std::vector<Section>& sections) {
    const std::string name = escaped(title);
    std::string html = "<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'/>";
    html +=
        "<meta name='viewport' content='width=device-width,initial-scale=1'/><title>" + name + "</title>" + style + "</head>\n";
    html += "<body><main><header><h1>" + name + "</h1><p class='lead'>" + escaped(lead) + "</p><dl class='figures'>" + figures +
            "</dl></header>\n";
    for (const Section& section : sections) {
        html += format("<section aria-labelledby='%s'><h2 id='%s'>%s</h2>", section.id, section.id, section.heading) +
                section.content + "</section>\n";
    }
    return html + "</main></body></html>\n";
}

}  // namespace parts
