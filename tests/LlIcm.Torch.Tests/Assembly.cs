// One after the other: libtorch has one random generator and one number of threads for the whole process, and tests count live tensors.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
