/**
 * Adapters in the files of PEFT: which modules they adapt, {@code adapter_config.json} and the names of the tensors.
 */
package io.github.psft4j.hf.peft;
