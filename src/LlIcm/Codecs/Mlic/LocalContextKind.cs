namespace LlIcm.Codecs.Mlic;

/// <summary>Ways to see the anchors around a position.</summary>
public enum LocalContextKind
{
    /// <summary>MLIC: three 5×5 convolutions, GELU between.</summary>
    StackedCheckerboard,

    /// <summary>MLIC+ and MLIC++: attention in overlapping 5×5 windows.</summary>
    WindowAttention,
}
