namespace LlIcm.Codecs.Mlic;

/// <summary>Ways to see the whole map.</summary>
public enum GlobalContextKind
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Softmax over all pairs of positions: memory grows with the square of their number.</summary>
    Quadratic,

    /// <summary>Softmax of queries over channels and of keys over positions: linear in the number of positions.</summary>
    Linear,
}
