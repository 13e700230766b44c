package io.github.psft4j.dl4jzip;

import io.github.psft4j.hf.ModelFormatException;
import java.io.IOException;
import java.io.ObjectInputFilter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens a zip that DL4J's {@code ModelSerializer} wrote, without running code that it may contain. Nothing in psft4j
 * calls this by itself.
 *
 * <ul>
 *   <li>Entries: {@code configuration.json}, {@code coefficients.bin}, {@code updaterState.bin}, each once. Any other
 *       is refused by name, above all {@code preprocessor.bin} and {@code normalizer.bin}, which DL4J reads by Java
 *       serialisation.
 *   <li>Classes: every {@code @class} of the configuration must be of a package of {@link Dl4jClasses}.
 *   <li>Sizes: the configuration is bounded. The vectors are as long as the network and the caller's bound say, and no
 *       byte more is unpacked. Checksums are compared.
 *   <li>Second defence: while a zip is read, this thread deserialises no Java object. An {@link ObjectInputFilter} of
 *       the whole virtual machine refuses it and leaves other threads alone. Where the application set a filter of its
 *       own, that one stays.
 * </ul>
 */
public final class Dl4jZip {

    /** Parameters that a network may have unless the caller says otherwise: 2 GB in float. */
    public static final long MAX_PARAMETERS = 500_000_000L;

    private static final String CONFIGURATION = "configuration.json";
    private static final String COEFFICIENTS = "coefficients.bin";
    private static final String UPDATER = "updaterState.bin";
    private static final Set<String> ENTRIES = Set.of(CONFIGURATION, COEFFICIENTS, UPDATER);
    private static final Set<String> SERIALISED = Set.of("preprocessor.bin", "normalizer.bin");

    /** Enough for a thousand layers. A larger entry is an attempt to fill the memory. */
    private static final int MAX_CONFIGURATION = 16 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(Dl4jZip.class);
    private static final ThreadLocal<Boolean> READING = ThreadLocal.withInitial(() -> false);

    static {
        try {
            ObjectInputFilter.Config.setSerialFilter(
                    info -> READING.get() ? ObjectInputFilter.Status.REJECTED : ObjectInputFilter.Status.UNDECIDED);
        } catch (IllegalStateException e) {
            LOG.debug("the application has a filter of its own for Java serialisation; it stays", e);
        }
    }

    private Dl4jZip() {}

    /** {@link #read(Path, long)} of a network of at most {@link #MAX_PARAMETERS}. */
    public static ComputationGraph read(Path file) {
        return read(file, MAX_PARAMETERS);
    }

    /**
     * Reads a {@code ComputationGraph} with its weights and, where it has them, the moments of its updater.
     *
     * @param maxParameters bound on the length of the weights; the moments may have four times that
     * @throws ModelFormatException naming the entry, the class or the length that is refused, or what is damaged
     */
    public static ComputationGraph read(Path file, long maxParameters) {
        READING.set(true);
        try (ZipFile zip = new ZipFile(file.toFile())) {
            Map<String, ZipEntry> entries = entries(file, zip);
            ComputationGraph graph = new ComputationGraph(configuration(file, zip, entries));
            INDArray weights = vector(file, zip, entries.get(COEFFICIENTS), maxParameters);
            graph.init(weights, false); // counts the parameters before it makes any, and compares
            if (entries.containsKey(UPDATER)) {
                long most = maxParameters > Long.MAX_VALUE / 4 ? Long.MAX_VALUE : 4 * maxParameters;
                restoreUpdater(file, graph, vector(file, zip, entries.get(UPDATER), most));
            }
            return graph;
        } catch (ZipException e) {
            throw ModelFormatException.of(file, "is no whole zip file: " + e.getMessage(), e);
        } catch (IOException e) {
            throw ModelFormatException.of(file, "cannot be read: " + e, e);
        } catch (ModelFormatException e) {
            throw e;
        } catch (RuntimeException | LinkageError e) {
            throw ModelFormatException.of(file, "is no ComputationGraph that DL4J can build: " + e, e);
        } finally {
            READING.remove();
        }
    }

    private static Map<String, ZipEntry> entries(Path file, ZipFile zip) {
        Map<String, ZipEntry> entries = new HashMap<>();
        for (ZipEntry entry : Collections.list(zip.entries())) {
            String name = entry.getName();
            if (SERIALISED.contains(name)) {
                throw ModelFormatException.of(
                        file,
                        "holds " + name + ", a Java object whose reading can run any code; if you"
                                + " trust nobody but the network, remove it: zip -d FILE " + name);
            }
            if (!ENTRIES.contains(name)) {
                throw ModelFormatException.of(
                        file,
                        "holds \"" + name + "\"; a network has " + CONFIGURATION + ", " + COEFFICIENTS + " and "
                                + UPDATER + ", and nothing else is read");
            }
            if (entries.put(name, entry) != null) {
                throw ModelFormatException.of(file, "holds " + name + " twice, so that readers disagree about it");
            }
        }
        for (String name : new String[] {CONFIGURATION, COEFFICIENTS}) {
            if (!entries.containsKey(name)) {
                throw ModelFormatException.of(file, "has no " + name + "; it is not a network of ModelSerializer");
            }
        }
        return entries;
    }

    private static ComputationGraphConfiguration configuration(Path file, ZipFile zip, Map<String, ZipEntry> entries)
            throws IOException {
        byte[] bytes;
        try (ZippedEntry in = new ZippedEntry(file, zip, entries.get(CONFIGURATION))) {
            bytes = in.upTo(MAX_CONFIGURATION);
        }
        String json;
        try {
            json = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw ModelFormatException.of(file, CONFIGURATION + " is not UTF-8", e);
        }
        Dl4jClasses.check(file, json);
        return ComputationGraphConfiguration.fromJson(json);
    }

    private static INDArray vector(Path file, ZipFile zip, ZipEntry entry, long maxLength) throws IOException {
        try (ZippedEntry in = new ZippedEntry(file, zip, entry)) {
            return new Dl4jVector(file, entry.getName(), in).read(maxLength);
        }
    }

    private static void restoreUpdater(Path file, ComputationGraph graph, INDArray state) {
        INDArray own = graph.getUpdater(true).getUpdaterStateViewArray();
        long length = own == null ? 0 : own.length();
        if (length != state.length()) {
            throw ModelFormatException.of(
                    file, UPDATER + " has " + state.length() + " numbers, the updaters of the network " + length);
        }
        own.assign(state.reshape(own.shape()));
    }
}
