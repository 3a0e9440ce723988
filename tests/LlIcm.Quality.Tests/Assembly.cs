// One after the other: tests count live tensors, and libtorch has its own threads.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
