// The tests start processes that use all cores, one after the other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
