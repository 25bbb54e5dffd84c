// Changes a checkpoint so that its checksum is right all the same: what no run can have saved.
//   forge CHECKPOINT steps NUMBER     steps taken
//   forge CHECKPOINT parameter VALUE  the first parameter, of 4 bytes
//   forge CHECKPOINT notes TEXT       the beginning of the notes
#include <residua/io/checkpoint.hpp>

#include <cstddef>
#include <cstdio>
#include <cstring>
#include <exception>
#include <string>

namespace io = residua::io;

namespace {

void forge(io::Bytes& bytes, const std::string& what, const std::string& to) {
    io::detail::CheckpointHeader header{};
    std::memcpy(&header, bytes.data(), sizeof header);
    const std::size_t sum_at = bytes.size() - sizeof(std::uint64_t);
    if (what == "steps") {
        header.steps = std::stoll(to);
        std::memcpy(bytes.data(), &header, sizeof header);
    } else if (what == "parameter") {
        const float value = std::stof(to);
        std::memcpy(bytes.data() + sizeof header, &value, sizeof value);
    } else if (what == "notes" && to.size() <= header.notes) {
        std::memcpy(bytes.data() + sum_at - header.notes, to.data(), to.size());
    } else {
        throw residua::Error("expected steps, parameter or notes no longer than there are, found " + what + " " + to);
    }

    residua::Fnv1a sum;
    sum.add(std::span(bytes).first(sum_at));
    const std::uint64_t checksum = sum.value();
    std::memcpy(bytes.data() + sum_at, &checksum, sizeof checksum);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        if (argc != 4) throw residua::Error("expected CHECKPOINT steps|parameter|notes VALUE");
        io::Bytes bytes = io::read_file(argv[1], 1 << 28);
        forge(bytes, argv[2], argv[3]);
        io::write_file(argv[1], bytes);
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "forge: %s\n", error.what());
        return 1;
    }
}
