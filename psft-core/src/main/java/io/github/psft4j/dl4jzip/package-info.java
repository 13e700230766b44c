/** Zip archives that Deeplearning4j saved, read without Java serialisation. */
package io.github.psft4j.dl4jzip;
