namespace LlIcm.Quality;

/// <summary>Which patches of a picture LIQE looks at; the published programs differ.</summary>
public enum LiqeVariant
{
    /// <summary>
    /// <c>demo.py</c> and the loaders behind the paper's numbers: a picture whose sides are both at least 768 is
    /// reduced to a shorter side of 768, the stride is 48 where a side reaches 1024 and 32 elsewhere, 15 patches are
    /// spread over the grid. With fewer than 15 patches all 15 are the top-left one.
    /// </summary>
    Demo,

    /// <summary>
    /// <c>LIQE.py</c>, the packaged class: by a slip it divides the batch size and not the number of patches by 15, so
    /// that only the top-left patch is scored.
    /// </summary>
    Package,

    /// <summary>IQA-PyTorch: no reduction, stride 32, up to 15 patches spread over the grid.</summary>
    PyIqa,
}
