namespace LlIcm.Training.Data;

/// <summary>Layouts of folders that training data come in; all but the first two are published data sets as unpacked.</summary>
public enum SourceKind
{
    /// <summary>Clean photographs, folders in folders; degraded synthetically.</summary>
    Photos,

    /// <summary><c>input/</c>, <c>target/</c> and perhaps <c>mask/</c>; or folders with these, named after their tasks.</summary>
    Pairs,

    /// <summary>Rain streaks (Yang et al., CVPR 2017).</summary>
    Rain100H,

    /// <summary>Haze: the 6 000 + 1 000 pairs that FFA-Net's followers train on.</summary>
    Reside6K,

    /// <summary>Faces of 256×256 (Karras et al., ICLR 2018) with holes, of RePaint's masks where they are given.</summary>
    CelebAHq,

    /// <summary>2K photographs (Agustsson, Timofte, CVPRW 2017) with Gaussian noise, σ = 50.</summary>
    Div2K,

    /// <summary>2K photographs (Lim et al., CVPRW 2017) with Gaussian noise, σ = 50.</summary>
    Flickr2K,

    /// <summary>68 photographs of the Berkeley set (Martin et al., ICCV 2001) with Gaussian noise, σ = 50.</summary>
    Cbsd68,

    /// <summary>Cast shadows (Qu et al., CVPR 2017).</summary>
    Srd,

    /// <summary>Drops on a glass (Qian et al., CVPR 2018).</summary>
    Raindrop,

    /// <summary>Too short exposures (Wei et al., BMVC 2018).</summary>
    Lol,

    /// <summary>Photographs of everyday scenes (Lin et al., ECCV 2014).</summary>
    Coco2017,

    /// <summary>Photographs of a thousand classes (Russakovsky et al., IJCV 2015).</summary>
    ImageNet,
}
