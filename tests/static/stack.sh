#!/bin/sh
# No inner loop of a kernel keeps its sums or operands on the stack: in each innermost loop of fused multiply-adds of vectors, no
# vector is loaded from the stack or stored there. (Scalars that are, pointers mostly, are counted.) For x86-64 objects.
#   stack.sh OBJDUMP OBJECT...
# Winograd's transforms are told and not judged: they hold the 36 lines of a tile at once, and registers are 32 lines at most.
set -u
objdump=$1
shift
kernels='kernels::(run_tiles|add_weight_gradient|add_weight_gradient_rows_of_three|winograd_products|winograd_add_sums)<'
transforms='kernels::winograd_[a-z_]*<'
for object in "$@"; do
    [ -r "$object" ] || { echo "expected an object, found no $object" >&2; exit 1; }
done
for object in "$@"; do
    "$objdump" -d -C --no-show-raw-insn "$object" || exit 1
done | awk -v kernels="$kernels" -v transforms="$transforms" '
    # Lines of a function are kept until it ends: its jumps know instructions by address.
    function ended(    i, j, k, count, inner, fmas, vectors, scalars, first) {
        count = 0
        for (i = 1; i <= lines; ++i) {
            if (text[i] !~ /^j[a-z]+ +[0-9a-f]+ /) continue
            split(text[i], words, " ")
            if (!(words[2] in at) || at[words[2]] > i) continue
            for (j = at[words[2]]; j <= i && !is_fma(text[j]); ++j) {}
            if (j > i) continue
            ++count
            from[count] = at[words[2]]
            to[count] = i
        }
        for (i = 1; i <= count; ++i) {
            inner = 1
            for (j = 1; j <= count; ++j) {
                if (i != j && from[j] >= from[i] && to[j] <= to[i] && (from[j] > from[i] || to[j] < to[i] || j < i)) inner = 0
            }
            if (!inner) continue
            fmas = vectors = scalars = 0
            first = ""
            for (k = from[i]; k <= to[i]; ++k) {
                if (is_fma(text[k])) ++fmas
                if (!on_stack[k]) continue
                # (What makes a float of an integer reads the integer.)
                if (text[k] ~ /%[xyz]mm/ && text[k] !~ /^vcvtsi2s/) {
                    ++vectors
                    if (first == "") first = address[k] ": " text[k]
                } else {
                    ++scalars
                }
            }
            if (name !~ kernels) {
                if (vectors > 0) told = told "    " told_name(name) ": " vectors " for " fmas "\n"
                continue
            }
            ++all_loops
            all_fmas += fmas
            all_scalars += scalars
            if (vectors > 0) {
                printf "%s\n    loop at %s: %d accesses of vectors to the stack for %d multiply-adds, the first %s\n", name,
                    address[from[i]], vectors, fmas, first
                ++failed
            }
        }
        if (count > 0 && name ~ kernels) ++functions
        lines = 0
        name = ""
        split("", at)
        split("", derived)
        frame = 0
    }
    function told_name(name) {
        name = substr(name, index(name, "kernels::") + 9)
        sub(/\(.*$/, "", name)
        return name
    }
    function is_fma(instruction) { return instruction ~ /^vfn?m(add|sub)[0-9]+p[sd] / }

    # Does it reach memory through the stack pointer, the frame pointer of a function that has one, or a register that was last
    # set from either?
    function reaches_stack(instruction,    base) {
        if (!match(instruction, /\(%[a-z0-9]+/)) return 0
        base = substr(instruction, RSTART + 2, RLENGTH - 2)
        return base == "rsp" || (base == "rbp" && frame) || (base in derived)
    }
    function note_writes(instruction,    words, count, last, base) {
        if (instruction ~ /^mov +%rsp,%rbp/) frame = 1
        count = split(instruction, words, /[ ,]+/)
        last = words[count]
        if (last !~ /^%[er][a-z0-9]+$/) return
        last = "r" substr(last, 3)
        sub(/d$/, "", last)  # (of r8d; no other name ends so)
        if (instruction ~ /^(add|sub|and|cmp|test|push|j)/ || last == "rsp" || last == "rbp") return
        base = ""
        if (instruction ~ /^mov +%r/) {
            base = substr(words[2], 2)
        } else if (instruction ~ /^lea +[-x0-9a-f]*\(%r[a-z0-9]+\)/) {
            base = substr(words[2], index(words[2], "%") + 1)
            sub(/\)$/, "", base)
        }
        if (base == "rsp" || (base == "rbp" && frame) || (base in derived)) {
            derived[last] = 1
        } else {
            delete derived[last]
        }
    }

    /^[0-9a-f]+ <.*>:$/ {
        if (name != "") ended()
        if (($0 ~ kernels || $0 ~ transforms) && $0 !~ /\[clone [^\]]*cold/) {
            name = $0
            sub(/^[0-9a-f]+ </, "", name)
            sub(/>:$/, "", name)
        }
        next
    }
    name != "" && /^ *[0-9a-f]+:\t/ {
        instruction = $0
        sub(/^ *[0-9a-f]+:\t */, "", instruction)
        ++lines
        address[lines] = $1
        sub(/:$/, "", address[lines])
        at[address[lines]] = lines
        text[lines] = instruction
        on_stack[lines] = reaches_stack(instruction)
        note_writes(instruction)
    }
    END {
        if (name != "") ended()
        if (all_loops == 0) {
            print "expected inner loops of multiply-adds of vectors in functions " kernels ", found none"
            exit 1
        }
        if (told != "") printf "transforms, not judged: accesses of vectors to the stack, for multiply-adds in a loop\n%s", told
        printf "%d inner loops of %d kernels, %d multiply-adds: %d accesses of scalars to the stack, vectors in %d loops\n",
            all_loops, functions, all_fmas, all_scalars, failed
        exit failed > 0
    }'
