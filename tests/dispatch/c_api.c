/* The C interface from C: logits of a file of weights, and what it says of faults. */
#include "small.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failed = 0;

static void check(int truth, const char* what) {
    if (truth) return;
    fprintf(stderr, "%s; last error: %s\n", what, small_last_error());
    failed = 1;
}

int main(int count, char** arguments) {
    if (count != 2) return 2;
    check(small_image_size("Small") == 1200 && small_classes("Small") == 10 && small_capacity("Small") == 2, "sizes");
    check(small_bytes("Small", 2) > small_bytes("Small", 1), "bytes");
    check(small_image_size("Large") == -1, "a network that is not offered");
    check(strcmp(small_last_error(), "residua: expected a network's name, one of Small, found Large") == 0, "its message");
    check(small_create("Small", "/nowhere", NULL, 1) == NULL && strstr(small_last_error(), "/nowhere"), "no file");
    check(small_create("Small", arguments[1], "unheard", 1) == NULL && strstr(small_last_error(), "unheard"), "no map");

    small_engine* engine = small_create("Small", arguments[1], NULL, 1);
    check(engine != NULL, "an engine");
    check(small_last_error()[0] == 0, "no error");
    if (failed) return 1;

    float* images = malloc(2 * 1200 * sizeof(float));
    float logits[20];
    for (int i = 0; i < 2 * 1200; ++i) images[i] = (float)(i * 7919 % 1024) / 512 - 1;
    check(small_run(engine, images, 2, logits) == 0, "a run");
    for (int i = 0; i < 20; ++i) printf("%.9g\n", (double)logits[i]);
    check(small_run(engine, images, 3, logits) == -1 && strstr(small_last_error(), "1 to 2 images"), "too many images");
    check(small_run(engine, NULL, 1, logits) == -1 && strstr(small_last_error(), "expected images"), "no images");
    check(small_run(NULL, images, 1, logits) == -1 && strstr(small_last_error(), "expected an engine"), "no engine");
    free(images);
    small_destroy(engine);
    small_destroy(NULL);
    return failed;
}
