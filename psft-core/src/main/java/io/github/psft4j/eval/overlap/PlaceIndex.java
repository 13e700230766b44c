package io.github.psft4j.eval.overlap;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Where pieces of evaluation texts stand, by the hash of the piece: about 50 bytes for each. What stands in more than
 * ten texts, such as "put the final answer in a box", says nothing of a text, and is left out.
 */
final class PlaceIndex {

    /** A piece in a text. */
    record Place(int text, int position) {}

    private static final int MOST_TEXTS = 10;
    private static final int NONE = -1;

    // by slot of the hash
    private long[] hashes = new long[1024];
    private int[] last = filled(1024); // its place that was added last
    private int[] texts = new int[1024]; // how many have it
    private int[] lastText = filled(1024); // of these

    // by number of the place
    private int[] textOf = new int[1024];
    private int[] positionOf = new int[1024];
    private int[] before = new int[1024]; // the place of the same piece that was added before

    private int used;
    private int places;

    private static int[] filled(int size) {
        int[] none = new int[size];
        Arrays.fill(none, NONE);
        return none;
    }

    /** Adds a piece; of several equal ones in a text the first counts. */
    void add(long hash, int text, int position) {
        int slot = slot(hash);
        if (last[slot] == NONE) {
            if (2 * used > hashes.length) {
                grow();
                slot = slot(hash);
            }
            hashes[slot] = hash;
            used++;
        } else if (textOf[last[slot]] == text) {
            return;
        }
        if (places == textOf.length) {
            textOf = Arrays.copyOf(textOf, 2 * places);
            positionOf = Arrays.copyOf(positionOf, 2 * places);
            before = Arrays.copyOf(before, 2 * places);
        }
        textOf[places] = text;
        positionOf[places] = position;
        before[places] = last[slot];
        last[slot] = places++;
    }

    /** Counts a text that has a piece, if the piece was added; after all were added. Texts come in their order. */
    void count(long hash, int text) {
        int slot = slot(hash);
        if (last[slot] != NONE && lastText[slot] != text) {
            lastText[slot] = text;
            texts[slot]++;
        }
    }

    private int slot(long hash) {
        int slot = (int) (hash ^ hash >>> 29 ^ hash >>> 47) & hashes.length - 1;
        while (last[slot] != NONE && hashes[slot] != hash) {
            slot = slot + 1 & hashes.length - 1;
        }
        return slot;
    }

    private void grow() {
        long[] oldHashes = hashes;
        int[] oldLast = last;
        int size = 2 * oldHashes.length;
        hashes = new long[size];
        last = filled(size);
        texts = new int[size];
        lastText = filled(size);
        for (int i = 0; i < oldHashes.length; i++) {
            if (oldLast[i] != NONE) {
                int slot = slot(oldHashes[i]);
                hashes[slot] = oldHashes[i];
                last[slot] = oldLast[i];
            }
        }
    }

    /** The places of a piece, none if it is in too many texts. */
    List<Place> get(long hash) {
        int slot = slot(hash);
        if (last[slot] == NONE || texts[slot] > MOST_TEXTS) {
            return List.of();
        }
        List<Place> found = new ArrayList<>();
        for (int p = last[slot]; p != NONE; p = before[p]) {
            found.add(new Place(textOf[p], positionOf[p]));
        }
        return found;
    }

    /** Pieces that are left out. */
    long leftOut() {
        return IntStream.range(0, hashes.length)
                .filter(slot -> texts[slot] > MOST_TEXTS)
                .count();
    }
}
