package io.github.psft4j.model;

import io.github.psft4j.hf.config.LinearModule;
import io.github.psft4j.hf.config.ModelFamily;
import io.github.psft4j.hf.peft.AdapterConfig;
import io.github.psft4j.hf.peft.LoraBias;
import io.github.psft4j.hf.peft.LoraConfig;
import io.github.psft4j.hf.peft.ModuleNames;
import io.github.psft4j.hf.peft.ModuleRules;
import io.github.psft4j.hf.peft.UnusedNames;
import io.github.psft4j.kernel.Views;
import io.github.psft4j.transformer.BiasPart;
import io.github.psft4j.transformer.DecoderBlock;
import io.github.psft4j.transformer.DecoderGraph;
import io.github.psft4j.transformer.LmHead;
import io.github.psft4j.transformer.TokenEmbedding;
import io.github.psft4j.transformer.TrainedPart;
import io.github.psft4j.transformer.config.AdapterPart;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The adapter of a model: its settings, the modules that it adapts and the names of its tensors. */
final class Adapter {

    private static final String PREFIX = "base_model.model.";
    private static final String HEAD = "lm_head";
    private static final String BIAS = ".bias";

    /** A weight of a vertex. */
    private record Place(String vertex, String weight) {}

    private final AdapterConfig file;
    private final List<LinearModule> modules; // adapted
    private final Map<String, Place> saved = new LinkedHashMap<>(); // trained whole, by the name of the tensor
    private final List<LinearModule> biased = new ArrayList<>(); // with a trained bias of the base
    private final Map<String, TrainedPart> trained = new HashMap<>(); // by vertex

    private Adapter(AdapterConfig file, List<LinearModule> modules) {
        this.file = file;
        this.modules = modules;
    }

    /**
     * The adapter of a configuration on an architecture.
     *
     * @param base the weights of the base by vertex and name
     * @throws IllegalArgumentException if it adapts nothing, or wants to train whole what cannot be
     */
    static Adapter of(AdapterConfig file, ModelFamily family, DecoderConfig config, ModelFamily.Source base) {
        LoraConfig lora = file.lora();
        Map<INDArray, Place> places = new IdentityHashMap<>();
        Map<String, INDArray> tensors = family.tensors(config, (vertex, weight) -> {
            INDArray array = base.get(vertex, weight);
            places.put(array, new Place(vertex, weight));
            return array;
        });
        ModuleNames save = ModuleNames.of(lora.modulesToSave());
        List<LinearModule> adapted = family.linearModules(config).stream()
                .filter(module -> lora.modules().matches(module.name()) && !save.matches(module.name()))
                .toList();
        Adapter adapter = new Adapter(file, adapted);
        tensors.forEach((tensor, array) -> {
            String module = tensor.substring(0, tensor.lastIndexOf('.'));
            if (save.matches(module)) {
                if (!places.containsKey(array)) {
                    throw new IllegalArgumentException("modules_to_save " + lora.modulesToSave() + ": " + module
                            + " is a linear module inside a block; adapt it instead. Embedding, head and norms can be"
                            + " trained whole");
                }
                adapter.saved.put(tensor, places.get(array));
            }
        });
        adapter.addBiases(family.linearModules(config), tensors, places, base);
        if (config.tiedEmbeddings() && save.matches(HEAD)) {
            adapter.saved.put(HEAD + ".weight", new Place(DecoderGraph.HEAD, LmHead.WEIGHT));
        }
        check(adapter.modules.isEmpty() && adapter.saved.isEmpty(), family.linearModules(config), lora);
        adapter.fillTrained(config);
        return adapter;
    }

    /** Biases of the base that are trained: rows of those of linear modules, and those of norms whole. */
    private void addBiases(
            List<LinearModule> linear,
            Map<String, INDArray> tensors,
            Map<INDArray, Place> places,
            ModelFamily.Source base) {
        LoraBias bias = file.lora().bias();
        if (bias == LoraBias.NONE) {
            return;
        }
        Set<String> names = new HashSet<>();
        for (LinearModule m : linear) {
            names.add(m.name() + BIAS);
            boolean there = base.get(m.vertex(), DecoderBlock.biasOf(m.weight())) != null;
            if (there && (bias == LoraBias.ALL || modules.contains(m))) {
                biased.add(m);
            }
        }
        tensors.forEach((tensor, array) -> {
            if (bias == LoraBias.ALL && tensor.endsWith(BIAS) && !names.contains(tensor)) {
                saved.put(tensor, places.get(array));
            }
        });
    }

    private static void check(boolean nothing, List<LinearModule> all, LoraConfig lora) {
        if (nothing) {
            throw new IllegalArgumentException(
                    "target_modules " + lora.modules().target()
                            + " matches no linear module of this model; its modules end in " + ends(all));
        }
        if (lora.modules().target().list().stream()
                .anyMatch(name -> name.endsWith("lm_head") || name.endsWith("embed_tokens") || name.endsWith("wte"))) {
            throw new IllegalArgumentException(
                    "target_modules " + lora.modules().target().list()
                            + ": embedding and head have no adapters here; put them into modules_to_save instead");
        }
    }

    private static TreeSet<String> ends(List<LinearModule> modules) {
        TreeSet<String> ends = new TreeSet<>();
        modules.forEach(module -> ends.add(end(module)));
        return ends;
    }

    private static String end(LinearModule module) {
        return module.name().substring(module.name().lastIndexOf('.') + 1);
    }

    private void fillTrained(DecoderConfig config) {
        LoraConfig lora = file.lora();
        Map<String, List<String>> wholeBy = new HashMap<>();
        Map<String, List<AdapterPart>> partsBy = new HashMap<>();
        saved.values()
                .forEach(place -> wholeBy.computeIfAbsent(place.vertex(), v -> new ArrayList<>())
                        .add(place.weight()));
        modules.forEach(m -> partsBy.computeIfAbsent(m.vertex(), v -> new ArrayList<>())
                .add(new AdapterPart(m.weight(), m.from(), m.to(), lora.rank(m.name()), lora.scaling(m.name()))));
        Map<String, List<BiasPart>> biasesBy = new HashMap<>();
        biased.forEach(m -> biasesBy.computeIfAbsent(m.vertex(), v -> new ArrayList<>())
                .add(new BiasPart(m.weight(), m.from(), m.to(), false, 1)));
        if (lora.loraBias()) {
            modules.forEach(m -> biasesBy.computeIfAbsent(m.vertex(), v -> new ArrayList<>())
                    .add(new BiasPart(m.weight(), m.from(), m.to(), true, lora.scaling(m.name()))));
        }
        for (String vertex : DecoderGraph.vertices(config)) {
            trained.put(
                    vertex,
                    new TrainedPart(
                            wholeBy.getOrDefault(vertex, List.of()),
                            partsBy.getOrDefault(vertex, List.of()),
                            biasesBy.getOrDefault(vertex, List.of())));
        }
    }

    /** Number of trained parameters: of A and B, and of embedding and head where these are trained whole. */
    static long parameters(LoraConfig lora, ModelFamily family, DecoderConfig config) {
        ModuleNames save = ModuleNames.of(lora.modulesToSave());
        long count = 0;
        for (LinearModule m : family.linearModules(config)) {
            if (lora.modules().matches(m.name()) && !save.matches(m.name())) {
                long in = DecoderGraph.weightShapes(config, m.vertex()).get(m.weight())[1];
                count += lora.rank(m.name()) * (in + m.to() - m.from());
                count += lora.loraBias() ? m.to() - m.from() : 0;
            }
        }
        String embedding = family.embedding();
        for (String module : List.of(HEAD, embedding.substring(0, embedding.lastIndexOf('.')))) {
            count += save.matches(module) ? (long) config.vocabSize() * config.hiddenSize() : 0;
        }
        check(count == 0 && lora.modulesToSave().isEmpty(), family.linearModules(config), lora);
        return count;
    }

    /**
     * Checks the names of a new adapter's settings, but for what is trained whole.
     *
     * @throws IllegalArgumentException naming what the model does not have
     */
    static void checkNames(LoraConfig lora, ModelFamily family, DecoderConfig config) {
        UnusedNames.check(
                lora,
                family.linearModules(config).stream().map(LinearModule::name).toList(),
                config.layers());
    }

    /** Full names of the modules of the base that are trained whole. */
    Set<String> savedModules() {
        return saved.keySet().stream()
                .map(tensor -> tensor.substring(0, tensor.lastIndexOf('.')))
                .collect(Collectors.toSet());
    }

    /** The settings. */
    LoraConfig lora() {
        return file.lora();
    }

    /** The file, as it is written. */
    AdapterConfig file() {
        return file;
    }

    /**
     * Whether embedding and head of a tied model go apart, because one of them is trained whole: PEFT trains a copy
     * then.
     */
    boolean unties() {
        return saved.values().stream()
                .anyMatch(place ->
                        place.weight().equals(LmHead.WEIGHT) || place.weight().equals(TokenEmbedding.TABLE));
    }

    /** What a vertex trains. */
    TrainedPart trained(String vertex) {
        return trained.get(vertex);
    }

    /**
     * The adapter's tensors by the names of PEFT.
     *
     * @param source parameters, or anything of their shapes, by vertex and name
     */
    Map<String, INDArray> tensors(ModelFamily.Source source) {
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        Map<String, Integer> seen = new HashMap<>(); // adapters of a weight so far
        Map<String, Long> rows = new HashMap<>(); // of A so far
        for (LinearModule m : modules) {
            String key = m.vertex() + " " + m.weight();
            int i = seen.merge(key, 1, Integer::sum) - 1;
            long rank = file.lora().rank(m.name());
            long to = rows.merge(key, rank, Long::sum);
            INDArray down = source.get(m.vertex(), TrainedPart.down(m.weight()));
            tensors.put(PREFIX + m.name() + ".lora_A.weight", Views.rowRange(down, to - rank, to));
            tensors.put(PREFIX + m.name() + ".lora_B.weight", source.get(m.vertex(), TrainedPart.up(m.weight(), i)));
        }
        biases((m, own, added) -> {
            if (own != null) {
                boolean adapted = modules.contains(m);
                tensors.put(PREFIX + m.name() + (adapted ? ".base_layer" : "") + BIAS, source.get(m.vertex(), own));
            }
            if (added != null) {
                tensors.put(PREFIX + m.name() + ".lora_B" + BIAS, source.get(m.vertex(), added));
            }
        });
        saved.forEach((tensor, place) -> tensors.put(PREFIX + tensor, source.get(place.vertex(), place.weight())));
        return tensors;
    }

    /** Adds {@code scaling B A} of every module to its rows of the target's weights. */
    void addTo(ModelFamily.Source target, ModelFamily.Source parameters) {
        Map<String, INDArray> tensors = tensors(parameters);
        for (LinearModule m : modules) {
            INDArray down = tensors.get(PREFIX + m.name() + ".lora_A.weight");
            INDArray up = tensors.get(PREFIX + m.name() + ".lora_B.weight");
            INDArray rows = Views.rowRange(target.get(m.vertex(), m.weight()), m.from(), m.to());
            rows.addi(up.mmul(down).muli(file.lora().scaling(m.name())));
        }
        biases((m, own, added) -> {
            INDArray bias = target.get(m.vertex(), DecoderBlock.biasOf(m.weight()));
            if (bias == null) {
                throw new IllegalArgumentException(
                        "the adapter of " + m.name() + " has a bias (lora_bias), but the base"
                                + " has none there, so that it cannot be merged, as in PEFT; use the adapter as it is");
            }
            INDArray rows = Views.span(bias, m.from(), m.to());
            if (own != null) {
                rows.assign(parameters.get(m.vertex(), own));
            }
            if (added != null) {
                rows.addi(parameters.get(m.vertex(), added).mul(file.lora().scaling(m.name())));
            }
        });
    }

    /** Copies the biases of the base that are trained into their parameters. */
    void startBiases(ModelFamily.Source base, ModelFamily.Source parameters) {
        biases((m, own, added) -> {
            if (own != null) {
                INDArray bias = base.get(m.vertex(), DecoderBlock.biasOf(m.weight()));
                parameters.get(m.vertex(), own).assign(Views.span(bias, m.from(), m.to()));
            }
        });
    }

    /** A module with the names of its trained biases; null for one that it has not. */
    private interface BiasUse {
        void run(LinearModule module, String own, String added);
    }

    private void biases(BiasUse use) {
        Set<LinearModule> all = new LinkedHashSet<>(biased);
        all.addAll(file.lora().loraBias() ? modules : List.of());
        for (LinearModule m : all) {
            String own = null;
            String added = null;
            List<BiasPart> parts = trained.get(m.vertex()).biasesOf(m.weight());
            for (int i = 0; i < parts.size(); i++) {
                BiasPart part = parts.get(i);
                if (part.from() == m.from()) {
                    own = part.added() ? own : TrainedPart.ownBias(m.weight(), i);
                    added = part.added() ? TrainedPart.addedBias(m.weight(), i) : added;
                }
            }
            use.run(m, own, added);
        }
    }

    /** The settings as they are written: {@code all-linear} becomes the ends of the modules' names. */
    static LoraConfig resolved(LoraConfig lora, ModelFamily family, DecoderConfig config) {
        if (!lora.modules().target().equals(ModuleNames.ALL_LINEAR)) {
            return lora;
        }
        ModuleRules rules = lora.modules();
        ModuleNames target = ModuleNames.of(List.copyOf(ends(family.linearModules(config))));
        return lora.with(new ModuleRules(target, rules.exclude(), rules.layers(), rules.layersPattern()));
    }
}
