package io.github.psft4j.transformer.generation;

/** The element of a given rank, without sorting (Hoare's quickselect, median of three). */
final class Selection {

    private Selection() {}

    /** The element that stands at index {@code rank} of {@code a[0..n)} in ascending order; a is reordered. */
    static float select(float[] a, int n, int rank) {
        int low = 0;
        int high = n - 1;
        while (low < high) {
            float pivot = median(a[low], a[low + (high - low) / 2], a[high]);
            int i = low;
            int j = high;
            while (i <= j) {
                while (a[i] < pivot) {
                    i++;
                }
                while (a[j] > pivot) {
                    j--;
                }
                if (i <= j) {
                    float swap = a[i];
                    a[i++] = a[j];
                    a[j--] = swap;
                }
            }
            if (rank <= j) {
                high = j;
            } else if (rank >= i) {
                low = i;
            } else {
                return a[rank];
            }
        }
        return a[rank];
    }

    private static float median(float a, float b, float c) {
        return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
    }
}
